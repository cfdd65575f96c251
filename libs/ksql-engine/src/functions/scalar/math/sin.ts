import { doubleFunction } from './double-function.js';

export const sin = doubleFunction('SIN', 'The sine of an angle in radians.', Math.sin);
