import type { WindowInfo } from '../../catalog/data-source.js';
import type { FetchedRecord, FetchedRecords } from '../../ports/record-columns.js';
import type { Serde } from '../../serde/format.js';

import { keyLength, windowEndAt, windowStartAt } from '../../serde/windowed-key.js';
import { shownMs } from '../../types/shown-ms.js';
import { nullVector, nullVectors, type WritableVector, sameNumbers } from '../../types/vector.js';
import { allRows, HAS_KEY, HAS_VALUE, RecordBatch, unwindowed, type RecordHeader } from '../record-batch.js';

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
  /** The latest event time that is taken now, ms; Infinity takes any. */
  readonly latestMs: () => number;
  readonly onBadBytes: (target: 'key' | 'value', record: FetchedRecord, cause: unknown) => void;
  readonly onBadTimestamp: (record: FetchedRecord, cause: unknown) => void;
  readonly onTooFarAhead: (record: FetchedRecord, timestampMs: number) => void;
  /** Set for a table, whose records need a key. */
  readonly onMissingKey: ((record: FetchedRecord) => void) | undefined;
}

/** Bytes to columns. A record that cannot be read, or whose event time is missing, negative or too far ahead, is reported and left out. */
export class RecordDecoder {
  private readonly bodyColumns: readonly number[];

  constructor(private readonly options: DecoderOptions) {
    const places: number[] = [];
    options.valueColumns.forEach(({ body }, column) => {
      if (body !== undefined) places[body] = column;
    });
    this.bodyColumns = places;
  }

  /** The records from `from` to `to`. */
  decode(records: FetchedRecords, from: number, to: number): RecordBatch {
    // The stack of what a record lacks tells nothing, and takes longer than ten good records.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return this.decodeAll(records, from, to);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  private decodeAll(records: FetchedRecords, from: number, to: number): RecordBatch {
    const { keyCount, valueColumns, window, timestampOf, putHeaders } = this.options;
    const size = to - from;
    const keys = nullVectors(keyCount, size);
    // Columns that nobody reads share one vector of nulls.
    const nulls = nullVector(size);
    const values = valueColumns.map(({ isNeeded }) => (isNeeded ? nullVector(size) : nulls));
    const body = this.bodyColumns.map((column) => values[column] as WritableVector);
    const flags = sameNumbers(size, 0);
    const timestamps = records.parts.timestamps.slice(from, to);
    const windowStarts = window === undefined ? unwindowed(size) : sameNumbers(size, -1);
    const windowEnds = window === undefined ? unwindowed(size) : sameNumbers(size, -1);
    const headers = records.parts.headers.slice(from, to);
    const partitions = records.partitions.slice(from, to);
    const offsets = records.offsets.slice(from, to);
    const rows: number[] = [];
    const latestMs = this.options.latestMs();
    for (let at = 0; at < size; at++) {
      const has = this.decodeOne(records, from + at, at, keys, body, windowStarts as number[], windowEnds as number[]);
      if (has < 0) continue;
      flags[at] = has;
      if (putHeaders !== undefined && (has & HAS_VALUE) !== 0) {
        putHeaders(headers[at] as readonly RecordHeader[], values, at);
      }
      const timestamp = timestamps[at] as number;
      if (timestampOf !== undefined || (timestamp >= 0 && timestamp <= latestMs)) rows.push(at);
      else this.reportTime(records.inPlace(from + at), timestamp);
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
    return timestampOf === undefined ? batch : this.withEventTimes(records, from, batch, timestampOf, latestMs);
  }

  /** Reads record `index` into row `at`. What the record has, as flags; -1 when it is left out. */
  private decodeOne(
    records: FetchedRecords,
    index: number,
    at: number,
    keys: readonly WritableVector[],
    values: readonly WritableVector[],
    windowStarts: number[],
    windowEnds: number[],
  ): number {
    const { window, keySerde, valueSerde, onMissingKey, onBadBytes } = this.options;
    const { buffers, keyStarts, keyEnds, valueStarts, valueEnds } = records.parts;
    const bytes = buffers[index] as Buffer;
    let flags = 0;
    try {
      const start = keyStarts[index] as number;
      if (start >= 0) {
        let end = keyEnds[index] as number;
        if (window !== undefined) {
          end = start + keyLength(end - start, window);
          windowStarts[at] = windowStartAt(bytes, end, window);
          windowEnds[at] = windowEndAt(bytes, end, window);
        }
        if (keySerde.decode(bytes, start, end, keys, at)) flags = HAS_KEY;
        else if (this.isReported('key', keySerde, records, index)) return -1;
      }
    } catch (cause) {
      onBadBytes('key', records.inPlace(index), cause);
      return -1;
    }
    if (flags === 0 && onMissingKey !== undefined) {
      onMissingKey(records.inPlace(index));
      return -1;
    }
    try {
      const start = valueStarts[index] as number;
      if (start < 0) return flags;
      const end = valueEnds[index] as number;
      if (valueSerde.decode(bytes, start, end, values, at)) return flags | HAS_VALUE;
      return this.isReported('value', valueSerde, records, index) ? -1 : flags;
    } catch (cause) {
      onBadBytes('value', records.inPlace(index), cause);
      return -1;
    }
  }

  /** Of bytes that gave no row: whether that was for a failure. */
  private isReported(target: 'key' | 'value', serde: Serde, records: FetchedRecords, index: number): boolean {
    const failure = serde.takeFailure();
    if (failure === undefined) return false;
    this.options.onBadBytes(target, records.inPlace(index), failure);
    return true;
  }

  private withEventTimes(
    records: FetchedRecords,
    from: number,
    batch: RecordBatch,
    timestampOf: (batch: RecordBatch, at: number) => number,
    latestMs: number,
  ): RecordBatch {
    const timestamps = batch.timestamps.slice();
    const rows: number[] = [];
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      try {
        // A deletion has no columns to take a time from.
        if (batch.hasValue(at)) timestamps[at] = timestampOf(batch, at);
      } catch (cause) {
        this.options.onBadTimestamp(records.inPlace(from + at), cause);
        continue;
      }
      const timestamp = timestamps[at] as number;
      if (timestamp >= 0 && timestamp <= latestMs) rows.push(at);
      else this.reportTime(records.inPlace(from + at), timestamp);
    }
    return batch.with({ rows, count: rows.length, timestamps });
  }

  private reportTime(record: FetchedRecord, timestamp: number): void {
    const { onBadTimestamp, onTooFarAhead } = this.options;
    if (timestamp >= 0) onTooFarAhead(record, timestamp);
    else onBadTimestamp(record, new Error(`negative timestamp: ${shownMs(timestamp)}`));
  }
}
