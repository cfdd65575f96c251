import { doubleFunction } from './double-function.js';

export const asin = doubleFunction('ASIN', 'The arc sine in radians; NaN outside -1 to 1.', Math.asin);
