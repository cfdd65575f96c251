import { doubleFunction } from './double-function.js';

export const cbrt = doubleFunction('CBRT', 'The cube root.', Math.cbrt);
