import { doubleFunction } from './double-function.js';

export const sinh = doubleFunction('SINH', 'The hyperbolic sine.', Math.sinh);
