import { INPUT_BYTES_MAX } from './broker.js';

const PARTITION_BYTES_MAX = 2 * 1024 * 1024;
const PARTITION_BYTES_MIN = 16 * 1024;
/** How many partitions fill a request. */
const PARTITIONS_FULL = 4;

/** What one request brings at most, but always a batch. */
export interface FetchSize {
  readonly partitionBytes: number;
  readonly requestBytes: number;
}

/** Half of a partition's share of what may be kept: it is asked for again once the other half is all that is left. */
export function fetchSize(partitions: number, bytesMax = INPUT_BYTES_MAX): FetchSize {
  const half = Math.floor(bytesMax / Math.max(1, partitions) / 2);
  const partitionBytes = Math.min(PARTITION_BYTES_MAX, Math.max(PARTITION_BYTES_MIN, half));
  return { partitionBytes, requestBytes: PARTITIONS_FULL * partitionBytes };
}

/** Positions with those that were served behind the others, so that none is left out for ever where not all fit into an answer. */
export function servedLast<T>(positions: readonly T[], isServed: (position: T) => boolean): readonly T[] {
  const served = positions.filter(isServed);
  if (served.length === 0 || served.length === positions.length) return positions;
  return [...positions.filter((position) => !isServed(position)), ...served];
}
