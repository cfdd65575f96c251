import { doubleFunction } from './double-function.js';

export const ln = doubleFunction('LN', 'The natural logarithm; NaN below 0, -Infinity at 0.', Math.log);
