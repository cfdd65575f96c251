import { byOffset } from './by-offset.js';

export const earliestByOffset = byOffset(
  'EARLIEST_BY_OFFSET',
  'The first value, or the first n values, in order of arrival.',
  'earliest',
);
