import type { WindowInfo } from '../../catalog/data-source.js';
import { RecordSlice } from '../../ports/record-slice.js';
import { asBuffer } from '../../serde/as-buffer.js';
import type { Serde } from '../../serde/format.js';
import { keyLength, windowEndAt, windowStartAt } from '../../serde/windowed-key.js';
import { nullVector, nullVectors, type WritableVector, sameNumbers } from '../../types/vector.js';
import { allRows, HAS_KEY, HAS_VALUE, RecordBatch, unwindowed, type RecordHeader } from '../record-batch.js';

/** A record as the broker gave it. */
export interface RawRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
  readonly partition: number;
  readonly offset: number;
}

/** Where the value columns come from, in the order of the schema. */
export interface ValueColumn {
  /** The column of the value's bytes; undefined for one that is taken from the headers. */
  readonly body: number | undefined;
  readonly isNeeded: boolean;
}

export interface DecoderOptions {
  readonly keySerde: Serde;
  readonly keyCount: number;
  readonly valueSerde: Serde;
  readonly valueColumns: readonly ValueColumn[];
  /** Set when record keys carry a window. */
  readonly window: WindowInfo | undefined;
  /** Puts header columns into the vectors of all value columns; undefined when the source has none. */
  readonly putHeaders:
    ((headers: readonly RecordHeader[], vectors: readonly WritableVector[], at: number) => void) | undefined;
  /** Event time from the row, ms; throws for a row that has none. Undefined: the record's own timestamp. */
  readonly timestampOf: ((batch: RecordBatch, at: number) => number) | undefined;
  readonly onBadBytes: (target: 'key' | 'value', record: RawRecord, cause: unknown) => void;
  readonly onBadTimestamp: (record: RawRecord, cause: unknown) => void;
  /** Set for a table, whose records need a key. */
  readonly onMissingKey: ((record: RawRecord) => void) | undefined;
}

/** Bytes to columns. A record that cannot be read, or whose event time is missing or negative, is reported and left out. */
export class RecordDecoder {
  private readonly bodyColumns: readonly number[];

  constructor(private readonly options: DecoderOptions) {
    const places: number[] = [];
    options.valueColumns.forEach(({ body }, column) => {
      if (body !== undefined) places[body] = column;
    });
    this.bodyColumns = places;
  }

  decode(records: readonly RawRecord[]): RecordBatch {
    const { keyCount, valueColumns, window, timestampOf, putHeaders } = this.options;
    const size = records.length;
    const keys = nullVectors(keyCount, size);
    // Columns that nobody reads share one vector of nulls.
    const nulls = nullVector(size);
    const values = valueColumns.map(({ isNeeded }) => (isNeeded ? nullVector(size) : nulls));
    const body = this.bodyColumns.map((column) => values[column] as WritableVector);
    const flags = sameNumbers(size, 0);
    const timestamps = new Array<number>(size);
    const windowStarts = window === undefined ? unwindowed(size) : sameNumbers(size, -1);
    const windowEnds = window === undefined ? unwindowed(size) : sameNumbers(size, -1);
    const headers = new Array<readonly RecordHeader[]>(size);
    const partitions = new Array<number>(size);
    const offsets = new Array<number>(size);
    const rows: number[] = [];
    for (let at = 0; at < size; at++) {
      const record = records[at] as RawRecord;
      timestamps[at] = record.timestamp;
      headers[at] = record.headers;
      partitions[at] = record.partition;
      offsets[at] = record.offset;
      const has = this.decodeOne(record, at, keys, body, windowStarts as number[], windowEnds as number[]);
      if (has < 0) continue;
      flags[at] = has;
      if (putHeaders !== undefined && (has & HAS_VALUE) !== 0) putHeaders(record.headers, values, at);
      if (timestampOf === undefined && !(record.timestamp >= 0)) this.reportNegative(record, record.timestamp);
      else rows.push(at);
    }
    const count = rows.length;
    const batch = new RecordBatch(
      size,
      count === size ? allRows(size) : rows,
      count,
      flags,
      keys,
      values,
      undefined,
      timestamps,
      windowStarts,
      windowEnds,
      headers,
      partitions,
      offsets,
    );
    return timestampOf === undefined ? batch : this.withEventTimes(records, batch, timestampOf);
  }

  /** What the record has, as flags; -1 when it is left out. */
  private decodeOne(
    record: RawRecord,
    at: number,
    keys: readonly WritableVector[],
    values: readonly WritableVector[],
    windowStarts: number[],
    windowEnds: number[],
  ): number {
    const { window, keySerde, valueSerde, onMissingKey, onBadBytes } = this.options;
    // Slices are read where they are.
    const slice = record instanceof RecordSlice ? record : undefined;
    let flags = 0;
    try {
      const bytes = slice === undefined ? bufferOf(record.key) : slice.keyStart < 0 ? null : slice.buffer;
      if (bytes !== null) {
        const start = slice === undefined ? 0 : slice.keyStart;
        let end = slice === undefined ? bytes.length : slice.keyEnd;
        if (window !== undefined) {
          end = start + keyLength(end - start, window);
          windowStarts[at] = windowStartAt(bytes, end, window);
          windowEnds[at] = windowEndAt(bytes, end, window);
        }
        if (keySerde.decode(bytes, start, end, keys, at)) flags = HAS_KEY;
      }
    } catch (cause) {
      onBadBytes('key', record, cause);
      return -1;
    }
    if (flags === 0 && onMissingKey !== undefined) {
      onMissingKey(record);
      return -1;
    }
    try {
      const bytes = slice === undefined ? bufferOf(record.value) : slice.valueStart < 0 ? null : slice.buffer;
      if (bytes === null) return flags;
      const start = slice === undefined ? 0 : slice.valueStart;
      const end = slice === undefined ? bytes.length : slice.valueEnd;
      return valueSerde.decode(bytes, start, end, values, at) ? flags | HAS_VALUE : flags;
    } catch (cause) {
      onBadBytes('value', record, cause);
      return -1;
    }
  }

  private withEventTimes(
    records: readonly RawRecord[],
    batch: RecordBatch,
    timestampOf: (batch: RecordBatch, at: number) => number,
  ): RecordBatch {
    const timestamps = batch.timestamps.slice();
    const rows: number[] = [];
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      const record = records[at] as RawRecord;
      try {
        // A deletion has no columns to take a time from.
        if (batch.hasValue(at)) timestamps[at] = timestampOf(batch, at);
      } catch (cause) {
        this.options.onBadTimestamp(record, cause);
        continue;
      }
      if ((timestamps[at] as number) >= 0) rows.push(at);
      else this.reportNegative(record, timestamps[at] as number);
    }
    return batch.with({ rows, count: rows.length, timestamps });
  }

  private reportNegative(record: RawRecord, timestamp: number): void {
    this.options.onBadTimestamp(record, new Error(`negative timestamp: ${timestamp}`));
  }
}

function bufferOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : asBuffer(bytes);
}
