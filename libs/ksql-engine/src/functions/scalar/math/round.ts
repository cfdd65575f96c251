import { roundingFunction } from './rounding.js';

export const round = roundingFunction(
  'ROUND',
  'The nearest whole number, or the nearest number with the given decimal places; halves go up.',
  Math.round,
  'HALF_CEILING',
);
