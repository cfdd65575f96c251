import { doubleFunction } from './double-function.js';

export const exp = doubleFunction('EXP', 'e raised to the given power.', Math.exp, 'exponent');
