import type { Row } from '../types/sql-value.js';
import { makeRecord, type ProcessingRecord } from './record.js';

/** The columns that identify a table's row: its key, and the window's bounds when it has one. */
export function identityOf(record: ProcessingRecord, key: Row): Row {
  return record.windowStart === -1 ? key : [...key, record.windowStart, record.windowEnd];
}

/** The same record with its old row as the value, for expressions over the row before a change. */
export function beforeChange(record: ProcessingRecord): ProcessingRecord {
  const { key, oldValue, timestamp, windowStart, windowEnd, headers, partition, offset } = record;
  return makeRecord(key, oldValue, null, timestamp, windowStart, windowEnd, headers, partition, offset);
}
