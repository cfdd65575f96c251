import { byOffset } from './by-offset.js';

export const latestByOffset = byOffset(
  'LATEST_BY_OFFSET',
  'The last value, or the last n values, in order of arrival.',
  'latest',
);
