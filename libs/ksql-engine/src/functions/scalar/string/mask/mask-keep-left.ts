import { partialMask } from './masker.js';

export const maskKeepLeft = partialMask(
  'MASK_KEEP_LEFT',
  'The text with all but its first characters masked.',
  'number of characters to keep unmasked at the start',
  (size, count) => [count, size],
);
