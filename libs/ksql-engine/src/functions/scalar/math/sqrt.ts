import { doubleFunction } from './double-function.js';

export const sqrt = doubleFunction('SQRT', 'The square root; NaN for a negative number.', Math.sqrt);
