import { doubleFunction } from './double-function.js';

const RADIANS_PER_DEGREE = 0.017453292519943295;

export const radians = doubleFunction(
  'RADIANS',
  'An angle in degrees, as radians.',
  (value) => value * RADIANS_PER_DEGREE,
);
