import { doubleFunction } from './double-function.js';

export const cot = doubleFunction('COT', 'The cotangent of an angle in radians.', (value) => 1 / Math.tan(value));
