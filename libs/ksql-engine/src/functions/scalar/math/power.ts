import { doubleFunction2 } from './double-function.js';

export const power = doubleFunction2('POWER', 'The base raised to the exponent.', ['base', 'exponent'], Math.pow);
