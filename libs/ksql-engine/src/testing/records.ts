import type { Evaluator } from '../expression/evaluator.js';
import type { Operator, Output } from '../operators/operator.js';
import { makeRecord, NO_HEADERS, type ProcessingRecord, type RecordHeader } from '../operators/record.js';
import type { SkipLog } from '../operators/skip-log.js';
import { Decimal } from '../types/decimal.js';
import type { Row, SqlValue } from '../types/sql-value.js';

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
  { old = null, window = [-1, -1], headers = NO_HEADERS }: RecordExtras = {},
): ProcessingRecord {
  return makeRecord(key === null ? null : [key], value, old, timestamp, window[0], window[1], headers, 0, 0);
}

/** `k [1,"x"] @10`, a deletion as `k gone @10`, the window behind the key as `k<0,30>`, the old row behind `was`. */
export function show(item: ProcessingRecord): string {
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
  readonly records: ProcessingRecord[] = [];
  readonly skipped: string[] = [];
  readonly output: Output = (batch) => this.records.push(...batch);
  readonly log: SkipLog = (reason, item) => this.skipped.push(`${reason}: ${show(item)}`);

  /** What came since the last call. */
  take(): string[] {
    return this.records.splice(0).map(show);
  }
}

/** Pushes records one by one; gives what each led to. */
export function feed(
  operator: Operator,
  recording: RecordingOutput,
  records: readonly (ProcessingRecord | readonly [input: number, record: ProcessingRecord])[],
): string[][] {
  return records.map((item) => {
    const [input, one] = Array.isArray(item) ? (item as [number, ProcessingRecord]) : [0, item as ProcessingRecord];
    operator.process([one], input);
    return recording.take();
  });
}

export const column = (index: number): Evaluator => {
  return ({ value }) => value?.[index] ?? null;
};
