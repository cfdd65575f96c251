import { copyRow, nullVectors, putRow, type Vector, type WritableVector } from '../types/vector.js';
import type { Row } from '../types/sql-value.js';
import type { Output } from './operator.js';
import { allRows, HAS_KEY, HAS_OLD, HAS_VALUE, RecordBatch, type RecordHeader } from './record-batch.js';

const NO_VECTORS: readonly WritableVector[] = [];

const NO_HEADERS: readonly RecordHeader[] = [];

/**
 * A batch that grows row by row, for operators whose output rows are not input rows: a row is begun after an input record and
 * its columns are put in then. Vectors begin with room for as many rows as expected and grow beyond.
 */
export class BatchBuilder {
  keys: readonly WritableVector[] = NO_VECTORS;
  values: readonly WritableVector[] = NO_VECTORS;
  olds: readonly WritableVector[] | undefined;
  size = 0;
  private readonly flags: number[] = [];
  private readonly timestamps: number[] = [];
  private readonly windowStarts: number[] = [];
  private readonly windowEnds: number[] = [];
  private readonly headers: (readonly RecordHeader[])[] = [];
  private readonly partitions: number[] = [];
  private readonly offsets: number[] = [];

  constructor(
    private readonly keyCount: number,
    private readonly valueCount: number,
    private readonly hasOlds: boolean,
    private readonly expected: number,
  ) {}

  /** With the first row only: many a small batch leads to none. */
  private allocate(): void {
    this.keys = nullVectors(this.keyCount, this.expected);
    this.values = nullVectors(this.valueCount, this.expected);
    if (this.hasOlds) this.olds = nullVectors(this.valueCount, this.expected);
  }

  /** Begins a row that follows from row `at` of a batch and gives its number. It has no key, value or old row yet. */
  begin(cause: RecordBatch, at: number, timestamp: number, windowStart: number, windowEnd: number): number {
    if (this.size === 0) this.allocate();
    const row = this.size++;
    if (row >= this.expected) this.grow(row);
    this.flags.push(0);
    this.timestamps.push(timestamp);
    this.windowStarts.push(windowStart);
    this.windowEnds.push(windowEnd);
    this.headers.push(cause.headers[at] as readonly RecordHeader[]);
    this.partitions.push(cause.partitions[at] as number);
    this.offsets.push(cause.offsets[at] as number);
    return row;
  }

  /** For a row that follows from several records: none's headers speak for it. */
  dropHeaders(row: number): void {
    this.headers[row] = NO_HEADERS;
  }

  /** What nobody puts is null beyond the expected rows too. */
  private grow(row: number): void {
    for (const vector of this.keys) vector[row] = null;
    for (const vector of this.values) vector[row] = null;
    if (this.olds !== undefined) for (const vector of this.olds) vector[row] = null;
  }

  copyKey(row: number, keys: readonly Vector[], at: number): void {
    copyRow(keys, at, this.keys, row);
    this.mark(row, HAS_KEY);
  }
  putKey(row: number, key: Row): void {
    putRow(this.keys, row, key);
    this.mark(row, HAS_KEY);
  }
  /** Copies columns of the value, the first into column `first`. */
  copyValue(row: number, values: readonly Vector[], at: number, first = 0): void {
    copyRow(values, at, this.values, row, first);
    this.mark(row, HAS_VALUE);
  }
  putValue(row: number, value: Row, first = 0): void {
    putRow(this.values, row, value, first);
    this.mark(row, HAS_VALUE);
  }
  putOld(row: number, old: Row): void {
    if (this.olds === undefined) return;
    putRow(this.olds, row, old);
    this.mark(row, HAS_OLD);
  }
  /** For who writes into the vectors itself. */
  mark(row: number, flag: number): void {
    this.flags[row] = (this.flags[row] as number) | flag;
  }

  /** Hands the rows on, if there are any. */
  emit(output: Output): void {
    const { size } = this;
    if (size === 0) return;
    output(
      new RecordBatch(
        size,
        allRows(size),
        size,
        this.flags,
        this.keys,
        this.values,
        this.olds,
        this.timestamps,
        this.windowStarts,
        this.windowEnds,
        this.headers,
        this.partitions,
        this.offsets,
      ),
    );
  }
}
