import type { RecordHeader } from '../ports/record-header.js';
import type { Row } from '../types/sql-value.js';

export type { RecordHeader };
export const NO_HEADERS: readonly RecordHeader[] = [];

/**
 * One record between operators. For a table it is a change: `value` the new row (null: deleted) and `oldValue` the row
 * before it (null: there was none). Streams leave `oldValue` null. Every operator makes records through
 * `makeRecord`, so that all have one hidden class.
 */
export interface ProcessingRecord {
  /** Key columns; null when the record has no key. */
  readonly key: Row | null;
  readonly value: Row | null;
  readonly oldValue: Row | null;
  /** Event time, ms. */
  readonly timestamp: number;
  /** Bounds of the key's window, ms; -1 when not windowed. */
  readonly windowStart: number;
  readonly windowEnd: number;
  /** Of the input record that led here; they travel to the sink. */
  readonly headers: readonly RecordHeader[];
  /** Of the source record, for ROWPARTITION and ROWOFFSET. */
  readonly partition: number;
  readonly offset: number;
}

export function makeRecord(
  key: Row | null,
  value: Row | null,
  oldValue: Row | null,
  timestamp: number,
  windowStart: number,
  windowEnd: number,
  headers: readonly RecordHeader[],
  partition: number,
  offset: number,
): ProcessingRecord {
  return { key, value, oldValue, timestamp, windowStart, windowEnd, headers, partition, offset };
}
