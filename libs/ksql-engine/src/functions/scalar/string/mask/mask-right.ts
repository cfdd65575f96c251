import { partialMask } from './masker.js';

export const maskRight = partialMask(
  'MASK_RIGHT',
  'The text with its last characters masked.',
  'number of characters to mask before the end',
  (size, count) => [size - count, size],
);
