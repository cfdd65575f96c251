import { wholeNumberFunction } from './whole.js';

export const floor = wholeNumberFunction(
  'FLOOR',
  'The greatest whole number that is not greater.',
  Math.floor,
  'FLOOR',
);
