import { doubleFunction } from './double-function.js';

export const atan = doubleFunction('ATAN', 'The arc tangent in radians.', Math.atan);
