import { doubleFunction } from './double-function.js';

export const tan = doubleFunction('TAN', 'The tangent of an angle in radians.', Math.tan);
