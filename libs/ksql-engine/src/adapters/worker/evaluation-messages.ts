import type { EvaluatedRow, PullEvaluationRequest } from '../../engine/pull-evaluation.js';
import type { EvaluationRecord } from '../../expression/evaluator.js';
import { ValueReader, ValueWriter } from '../../state/value-codec.js';
import { Decimal } from '../../types/decimal.js';
import type { Row } from '../../types/sql-value.js';

/** What goes to the thread: one page of rows; the request with the first page that this thread gets of it. */
export interface EvaluationJob {
  readonly kind: 'evaluate';
  readonly id: number;
  readonly request: PullEvaluationRequest | undefined;
  readonly rows: Uint8Array;
}

/** Nothing more comes of this request. */
export interface Forget {
  readonly kind: 'forget';
  readonly id: number;
}

/** What comes back: the rows that passed, and failures of expressions, of which the first ones are told. */
export interface EvaluationOutcome {
  readonly rows: Uint8Array;
  readonly failures: readonly EvaluationFailure[];
  /** What made the whole page fail; the rows are empty then. */
  readonly error?: string;
}

export interface EvaluationFailure {
  readonly expression: string;
  readonly cause: string;
  readonly partition: number;
  readonly offset: number;
}

export function encodeRows(rows: readonly EvaluationRecord[]): Uint8Array {
  const writer = new ValueWriter();
  writer.start();
  writer.count(rows.length);
  for (const { key, value, timestamp, windowStart, windowEnd, partition, offset } of rows) {
    writer.value(key);
    writer.value(value);
    for (const number of [timestamp, windowStart, windowEnd, partition, offset]) writer.double(number);
  }
  return writer.finish();
}

export function decodeRows(bytes: Uint8Array): EvaluationRecord[] {
  const reader = new ValueReader(bytes);
  return Array.from({ length: reader.count() }, () => ({
    key: reader.value() as Row | null,
    value: reader.value() as Row | null,
    timestamp: reader.double(),
    windowStart: reader.double(),
    windowEnd: reader.double(),
    partition: reader.double(),
    offset: reader.double(),
  }));
}

export function encodeEvaluated(rows: readonly EvaluatedRow[]): Uint8Array {
  const writer = new ValueWriter();
  writer.start();
  writer.count(rows.length);
  for (const { at, values } of rows) {
    writer.count(at);
    writer.value(values);
  }
  return writer.finish();
}

export function decodeEvaluated(bytes: Uint8Array): EvaluatedRow[] {
  const reader = new ValueReader(bytes);
  return Array.from({ length: reader.count() }, () => ({ at: reader.count(), values: reader.value() as Row }));
}

/** Between threads an object loses its class; decimals within literals get theirs back. */
export function revive<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [revive(key), revive(item)])) as T;
  if (Array.isArray(value)) return value.map(revive) as T;
  if ('unscaled' in value && typeof value.unscaled === 'bigint' && 'scale' in value)
    return new Decimal(value.unscaled, Number(value.scale)) as T;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, revive(item)])) as T;
}
