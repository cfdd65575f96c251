import { doubleFunction } from './double-function.js';

const DEGREES_PER_RADIAN = 57.29577951308232;

export const degrees = doubleFunction(
  'DEGREES',
  'An angle in radians, as degrees.',
  (value) => value * DEGREES_PER_RADIAN,
);
