import { doubleFunction } from './double-function.js';

export const tanh = doubleFunction('TANH', 'The hyperbolic tangent.', Math.tanh);
