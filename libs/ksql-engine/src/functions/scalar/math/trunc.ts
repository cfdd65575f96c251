import { roundingFunction } from './rounding.js';

export const trunc = roundingFunction(
  'TRUNC',
  'The number cut to a whole one, or to the given decimal places.',
  Math.trunc,
  'DOWN',
);
