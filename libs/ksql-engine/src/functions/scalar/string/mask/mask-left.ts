import { partialMask } from './masker.js';

export const maskLeft = partialMask(
  'MASK_LEFT',
  'The text with its first characters masked.',
  'number of characters to mask from the start',
  (_size, count) => [0, count],
);
