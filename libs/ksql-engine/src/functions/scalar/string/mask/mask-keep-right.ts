import { partialMask } from './masker.js';

export const maskKeepRight = partialMask(
  'MASK_KEEP_RIGHT',
  'The text with all but its last characters masked.',
  'number of characters to keep unmasked at the end',
  (size, count) => [0, size - count],
);
