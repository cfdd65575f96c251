import { doubleFunction } from './double-function.js';

export const cos = doubleFunction('COS', 'The cosine of an angle in radians.', Math.cos);
