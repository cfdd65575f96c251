import { doubleFunction } from './double-function.js';

export const acos = doubleFunction('ACOS', 'The arc cosine in radians; NaN outside -1 to 1.', Math.acos);
