import type { LoggedQuery } from '../../command/fold.js';
import type { QueryStatus } from '../../engine/query-host.js';
import { RowsNotThereError } from '../../engine/query-host.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { TopicRecords, WriteBatch } from '../../ports/broker.js';
import type { ProcessingLogEntry } from '../../ports/ports.js';
import { RecordColumns } from '../../ports/record-columns.js';
import type { RecordHeader } from '../../ports/record-header.js';
import type { Json } from '../../plan/codec/json-codec.js';
import type { QueryError, QueryState, RestoreProgress } from '../../runtime/persistent-query.js';
import { ValueReader, ValueWriter } from '../../state/value-codec.js';
import type { StoredRow } from '../../topology/topology.js';
import type { Row } from '../../types/sql-value.js';

/*
 * What the thread that answers requests and a thread that runs queries tell each other. Records that a query reads and writes never cross:
 * a thread has its own connections to the brokers. Plans go one way; how queries are, rows that somebody asked for and leave to commit the
 * other.
 */

/** One end of a channel between threads. */
export interface Channel<Sent> {
  postMessage(message: Sent, transfer?: readonly ArrayBuffer[]): void;
}

/** A query as it crosses: all plain values. */
export type QueryMessage = Omit<LoggedQuery, 'plan'> & { readonly plan: Json };

export type ToThread =
  | { readonly kind: 'begin'; readonly term: number }
  /** The ownership of this term is over: nothing more is committed in it. */
  | { readonly kind: 'over'; readonly term: number }
  | { readonly kind: 'run'; readonly query: QueryMessage; readonly isPaused: boolean }
  | { readonly kind: 'pause' | 'resume' | 'tap' | 'untap'; readonly queryId: string }
  | { readonly kind: 'leave'; readonly scan: number }
  | { readonly kind: 'ask'; readonly call: number; readonly question: Question }
  | Answer;

/** What the thread that runs queries is asked. */
export type Question =
  | { readonly kind: 'stop'; readonly queryId: string }
  /** The first part of the rows; others are asked for by the number of the scan. Encoded rows of keys, or all. */
  | { readonly kind: 'rows'; readonly queryId: string; readonly scan: number; readonly keys: Uint8Array | undefined }
  | { readonly kind: 'more'; readonly scan: number }
  | { readonly kind: 'settle' | 'end' };

export type FromThread =
  | { readonly kind: 'status'; readonly queryId: string; readonly status: QueryStatus }
  | {
      readonly kind: 'state';
      readonly queryId: string;
      readonly state: QueryState;
      readonly error: QueryError | undefined;
    }
  | { readonly kind: 'restoring'; readonly queryId: string; readonly restore: RestoreProgress }
  | { readonly kind: 'log'; readonly entries: readonly ProcessingLogEntry[] }
  | { readonly kind: 'committed'; readonly queryId: string; readonly batches: readonly PackedRecords[] }
  /** Nothing more will come to the taps of a query. */
  | { readonly kind: 'untapped'; readonly queryId: string }
  /** May this still commit? */
  | { readonly kind: 'confirm'; readonly call: number; readonly term: number }
  /** A writer was fenced. */
  | { readonly kind: 'lost'; readonly term: number; readonly message: string }
  | Answer;

export interface Answer {
  readonly kind: 'answer';
  readonly call: number;
  /** Of a scan: parts of its rows, encoded, and whether these were the last. */
  readonly rows?: { readonly pages: readonly Uint8Array<ArrayBuffer>[]; readonly isDone: boolean };
  readonly error?: ErrorMessage;
}

export interface ErrorMessage {
  readonly name: string;
  readonly message: string;
}

export const errorMessage = (error: unknown): ErrorMessage =>
  error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: String(error) };

/** The thread died, or does not run. */
export class ThreadGoneError extends Error {
  override readonly name = 'ThreadGoneError';
}

/** Between threads an error loses its class; those that somebody tells apart get theirs back. */
export function errorOf({ name, message }: ErrorMessage): Error {
  if (name === RowsNotThereError.name) return new RowsNotThereError(message);
  if (name === KsqlError.name) return new KsqlError(message);
  return new Error(message);
}

/** So many rows make one message's part: decoding one must not hold up a request. */
export const PAGE_ROWS = 1_000;

/** As few bytes as decode in about a millisecond, each in memory of its own that can be handed over. */
export function encodePages(rows: readonly StoredRow[]): Uint8Array<ArrayBuffer>[] {
  const pages: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from < rows.length; from += PAGE_ROWS) {
    const writer = new ValueWriter();
    writer.start();
    const page = rows.slice(from, from + PAGE_ROWS);
    writer.count(page.length);
    for (const { keyRow, value, timestamp, windowStart, windowEnd } of page) {
      writer.value(keyRow);
      writer.value(value);
      for (const number of [timestamp, windowStart, windowEnd]) writer.double(number);
    }
    pages.push(Uint8Array.from(writer.finish()));
  }
  return pages;
}

export function decodePage(bytes: Uint8Array): StoredRow[] {
  const reader = new ValueReader(bytes);
  return Array.from({ length: reader.count() }, () => ({
    keyRow: reader.value() as Row,
    value: reader.value() as Row,
    timestamp: reader.double(),
    windowStart: reader.double(),
    windowEnd: reader.double(),
  }));
}

export function encodeKeys(keys: readonly Row[]): Uint8Array {
  const writer = new ValueWriter();
  writer.start();
  writer.count(keys.length);
  for (const key of keys) writer.value(key);
  return Uint8Array.from(writer.finish());
}

export function decodeKeys(bytes: Uint8Array): Row[] {
  const reader = new ValueReader(bytes);
  return Array.from({ length: reader.count() }, () => reader.value() as Row);
}

/** Records of one topic in memory of their own, which is handed over and not copied. */
export interface PackedRecords {
  readonly topic: string;
  /** All keys and values, one behind another. */
  readonly bytes: ArrayBuffer;
  /** Per record the length of its key and of its value; -1 of a null. */
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly timestamps: Float64Array<ArrayBuffer>;
  /** Undefined where no record has any. */
  readonly headers: readonly (readonly RecordHeader[])[] | undefined;
}

export function packRecords(batch: WriteBatch): PackedRecords[] {
  return batch.map((entry) => {
    const columns = 'records' in entry ? entry.records : RecordColumns.of([entry]);
    const count = columns.length;
    const lengths = new Int32Array(2 * count);
    const timestamps = new Float64Array(count);
    let total = 0;
    let hasHeaders = false;
    for (let i = 0; i < count; i++) {
      const keyStart = columns.keyStarts[i] as number;
      const valueStart = columns.valueStarts[i] as number;
      lengths[2 * i] = keyStart < 0 ? -1 : (columns.keyEnds[i] as number) - keyStart;
      lengths[2 * i + 1] = valueStart < 0 ? -1 : (columns.valueEnds[i] as number) - valueStart;
      total += Math.max(0, lengths[2 * i] as number) + Math.max(0, lengths[2 * i + 1] as number);
      timestamps[i] = columns.timestamps[i] as number;
      hasHeaders ||= (columns.headers[i] as readonly RecordHeader[]).length > 0;
    }
    const bytes = new ArrayBuffer(total);
    const target = new Uint8Array(bytes);
    let at = 0;
    for (let i = 0; i < count; i++)
      for (const part of [columns.keyAt(i), columns.valueAt(i)]) {
        if (part === null) continue;
        target.set(part, at);
        at += part.length;
      }
    const headers = hasHeaders ? columns.headers.slice(0, count) : undefined;
    return { topic: entry.topic, bytes, lengths, timestamps, headers };
  });
}

/** What can be handed over of packed records. */
export const memoryOf = (batches: readonly PackedRecords[]): ArrayBuffer[] =>
  batches.flatMap(({ bytes, lengths, timestamps }) => [bytes, lengths.buffer, timestamps.buffer]);

export function unpackRecords({ topic, bytes, lengths, timestamps, headers }: PackedRecords): TopicRecords {
  const records = new RecordColumns(timestamps.length);
  const buffer = Buffer.from(bytes);
  let at = 0;
  for (let i = 0; i < timestamps.length; i++) {
    const keyLength = lengths[2 * i] as number;
    const valueLength = lengths[2 * i + 1] as number;
    const valueAt = at + Math.max(0, keyLength);
    const end = valueAt + Math.max(0, valueLength);
    records.append(
      buffer,
      keyLength < 0 ? -1 : at,
      valueAt,
      valueLength < 0 ? -1 : valueAt,
      end,
      timestamps[i] as number,
      headers?.[i] ?? [],
    );
    at = end;
  }
  return { topic, records };
}
