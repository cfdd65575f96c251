import type { WindowInfo } from '../../catalog/data-source.js';
import type { Serde } from '../../serde/format.js';
import { decodeWindowedKey } from '../../serde/windowed-key.js';
import type { Row } from '../../types/sql-value.js';
import { makeRecord, type ProcessingRecord, type RecordHeader } from '../record.js';

/** A record as the broker gave it. */
export interface RawRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
  readonly partition: number;
  readonly offset: number;
}

export interface DecoderOptions {
  readonly keySerde: Serde;
  readonly valueSerde: Serde;
  /** Set when record keys carry a window. */
  readonly window: WindowInfo | undefined;
  /** Puts header columns into a value row; undefined when the source has none. */
  readonly withHeaders: ((row: Row, headers: readonly RecordHeader[]) => Row) | undefined;
  /** Event time from the row, ms; throws for a row that has none. Undefined: the record's own timestamp. */
  readonly timestampOf: ((record: ProcessingRecord) => number) | undefined;
  readonly onBadBytes: (target: 'key' | 'value', record: RawRecord, cause: unknown) => void;
  readonly onBadTimestamp: (record: RawRecord, cause: unknown) => void;
  /** Set for a table, whose records need a key. */
  readonly onMissingKey: ((record: RawRecord) => void) | undefined;
}

/** Bytes to rows. A record that cannot be read, or whose event time is missing or negative, is reported and left out. */
export class RecordDecoder {
  constructor(private readonly options: DecoderOptions) {}

  decode(batch: readonly RawRecord[]): ProcessingRecord[] {
    const records: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = this.decodeOne(batch[i] as RawRecord);
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  private decodeOne(raw: RawRecord): ProcessingRecord | undefined {
    const { window, keySerde, valueSerde, withHeaders, timestampOf, onMissingKey } = this.options;
    let key: Row | null;
    let windowStart = -1;
    let windowEnd = -1;
    try {
      let keyBytes = raw.key;
      if (window !== undefined && keyBytes !== null) {
        const windowed = decodeWindowedKey(keyBytes, window);
        keyBytes = windowed.key;
        windowStart = windowed.windowStart;
        windowEnd = windowed.windowEnd;
      }
      key = keySerde.deserialize(keyBytes);
    } catch (cause) {
      this.options.onBadBytes('key', raw, cause);
      return undefined;
    }
    if (key === null && onMissingKey !== undefined) {
      onMissingKey(raw);
      return undefined;
    }
    let value: Row | null;
    try {
      value = valueSerde.deserialize(raw.value);
    } catch (cause) {
      this.options.onBadBytes('value', raw, cause);
      return undefined;
    }
    if (withHeaders !== undefined && value !== null) value = withHeaders(value, raw.headers);
    const { timestamp, headers, partition, offset } = raw;
    const record = makeRecord(key, value, null, timestamp, windowStart, windowEnd, headers, partition, offset);
    return timestampOf === undefined && timestamp >= 0 ? record : this.withEventTime(raw, record);
  }

  private withEventTime(raw: RawRecord, record: ProcessingRecord): ProcessingRecord | undefined {
    const { timestampOf, onBadTimestamp } = this.options;
    const { key, value, windowStart, windowEnd, headers, partition, offset } = record;
    // A deletion has no columns to take a time from.
    let timestamp = record.timestamp;
    try {
      if (timestampOf !== undefined && value !== null) timestamp = timestampOf(record);
    } catch (cause) {
      onBadTimestamp(raw, cause);
      return undefined;
    }
    if (!(timestamp >= 0)) {
      onBadTimestamp(raw, new Error(`negative timestamp: ${timestamp}`));
      return undefined;
    }
    return makeRecord(key, value, null, timestamp, windowStart, windowEnd, headers, partition, offset);
  }
}
