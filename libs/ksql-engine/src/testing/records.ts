import { projectionOf, selectionOf } from '../expression/compile.js';
import type { EvaluationRecord, Evaluator, Predicate, Projection, Selection } from '../expression/evaluator.js';
import { BatchBuilder } from '../operators/batch-builder.js';
import type { Operator, Output } from '../operators/operator.js';
import { RecordBatch, type RecordHeader } from '../operators/record-batch.js';
import type { SkipLog } from '../operators/skip-log.js';
import { recordAt } from '../expression/compile.js';
import type { WindowInfo } from '../catalog/data-source.js';
import { ByteWriter } from '../serde/byte-writer.js';
import { writeWindow } from '../serde/windowed-key.js';
import { Decimal } from '../types/decimal.js';
import type { Row, SqlValue } from '../types/sql-value.js';
import { nullVectors } from '../types/vector.js';

/** A record as a test writes and reads it. */
export interface TestRecord extends EvaluationRecord {
  /** The row before a change of a table. */
  readonly oldValue: Row | null;
  readonly headers: readonly RecordHeader[];
}

export interface RecordExtras {
  readonly old?: Row | null;
  readonly window?: readonly [start: number, end: number];
  readonly headers?: readonly RecordHeader[];
}

/** A record of one key column, or none, as an operator gets it. */
export function record(
  key: SqlValue,
  value: Row | null,
  timestamp: number,
  { old = null, window: [windowStart, windowEnd] = [-1, -1], headers = [] }: RecordExtras = {},
): TestRecord {
  return {
    key: key === null ? null : [key],
    value,
    oldValue: old,
    timestamp,
    windowStart,
    windowEnd,
    headers,
    partition: 0,
    offset: 0,
  };
}

const width = (rows: readonly (Row | null)[]): number => Math.max(0, ...rows.map((row) => row?.length ?? 0));

/** Records as one batch of a key column at least and so many value columns at least: deletions alone do not show their table's. */
export function batchOf(records: readonly TestRecord[], leastValues = 1): RecordBatch {
  const keyCount = Math.max(1, width(records.map(({ key }) => key)));
  const valueCount = Math.max(leastValues, width(records.flatMap(({ value, oldValue }) => [value, oldValue])));
  const hasOlds = records.some(({ oldValue }) => oldValue !== null);
  let made: RecordBatch | undefined;
  const builder = new BatchBuilder(keyCount, valueCount, hasOlds, records.length);
  records.forEach((one, at) => {
    const { key, value, oldValue, timestamp, windowStart, windowEnd } = one;
    const row = builder.begin(placesOf(records), at, timestamp, windowStart, windowEnd);
    if (key !== null) builder.putKey(row, key);
    if (value !== null) builder.putValue(row, value);
    if (oldValue !== null) builder.putOld(row, oldValue);
  });
  builder.emit((batch) => (made = batch));
  if (made === undefined) throw new Error('a batch has at least one record');
  return made;
}

/** A batch that knows where records came from and nothing else. */
function placesOf(records: readonly TestRecord[]): RecordBatch {
  const numbers = records.map(() => -1);
  const [headers, partitions, offsets] = [
    records.map((one) => one.headers),
    records.map(({ partition }) => partition),
    records.map(({ offset }) => offset),
  ];
  const size = records.length;
  return new RecordBatch(
    size,
    [],
    0,
    numbers,
    nullVectors(1, size),
    [],
    undefined,
    numbers,
    numbers,
    numbers,
    headers,
    partitions,
    offsets,
  );
}

function recordsOf(batch: RecordBatch): readonly TestRecord[] {
  return batch.rows.slice(0, batch.count).map((at) => testRecordAt(batch, at));
}

function testRecordAt(batch: RecordBatch, at: number): TestRecord {
  return { ...recordAt(batch, at), oldValue: batch.oldAt(at), headers: batch.headers[at] as readonly RecordHeader[] };
}

/** `k [1,"x"] @10`, a deletion as `k gone @10`, the window behind the key as `k<0,30>`, the old row behind `was`. */
export function show(item: TestRecord): string {
  const window = item.windowStart === -1 ? '' : `<${item.windowStart},${item.windowEnd}>`;
  const old = item.oldValue === null ? '' : ` was ${showRow(item.oldValue)}`;
  const value = item.value === null ? 'gone' : showRow(item.value);
  return `${item.key === null ? 'no-key' : item.key.map(String).join('|')}${window} ${value}${old} @${item.timestamp}`;
}

export function showRow(row: Row): string {
  return JSON.stringify(row, (_, value: unknown) => {
    if (typeof value === 'bigint' || value instanceof Decimal) return String(value);
    return value instanceof Map ? [...value] : value;
  });
}

/** Remembers what an operator emits and what it leaves out. */
export class RecordingOutput {
  readonly records: TestRecord[] = [];
  readonly skipped: string[] = [];
  readonly output: Output = (batch) => this.records.push(...recordsOf(batch));
  readonly log: SkipLog = (reason, batch, at) => this.skipped.push(`${reason}: ${show(testRecordAt(batch, at))}`);

  /** What came since the last call. */
  take(): string[] {
    return this.records.splice(0).map(show);
  }
}

/** Pushes records one by one; gives what each led to. */
export function feed(
  operator: Operator,
  recording: RecordingOutput,
  records: readonly (TestRecord | readonly [input: number, record: TestRecord])[],
): string[][] {
  return records.map((item) => {
    const [input, one] = Array.isArray(item) ? (item as [number, TestRecord]) : [0, item as TestRecord];
    operator.process(batchOf([one]), input);
    return recording.take();
  });
}

export const column = (index: number): Evaluator => {
  return ({ value }) => value?.[index] ?? null;
};

/** Functions of single records as what operators take. */
export const projecting = (...evaluators: readonly Evaluator[]): Projection => {
  const run = projectionOf(evaluators, true);
  return (batch) => {
    const vectors = nullVectors(evaluators.length, batch.size);
    run(batch, vectors);
    return vectors;
  };
};
export const selecting = (passes: Predicate): Selection => selectionOf(passes);

export function windowedKey(key: string, start: number, end: number, window: WindowInfo): Uint8Array {
  const writer = new ByteWriter();
  writer.text(key);
  writeWindow(writer, start, end, window);
  return writer.copy();
}
