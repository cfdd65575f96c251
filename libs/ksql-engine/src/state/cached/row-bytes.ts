import type { Row, SqlValue } from '../../types/sql-value.js';
import { ValueReader, ValueWriter } from '../value-codec.js';

/**
 * Rows and their keys as a backend stores them.
 *
 * - value: timestamp (double), key columns, value columns (`value-codec.ts`); before them the window's bounds (doubles) in windowed stores
 * - text of a key: a byte 0 and UTF-8, or a byte 1 and UTF-16 where the text has halves of surrogate pairs, which UTF-8 cannot tell apart
 * - time: a double whose order is that of its bytes
 */
const writer = new ValueWriter();

interface StoredEntry {
  readonly keyRow: Row;
  readonly value: Row;
  readonly timestamp: number;
}

export function encodeRow(keyRow: Row, value: Row, timestamp: number): Uint8Array {
  writer.start();
  writer.double(timestamp);
  writer.values(keyRow);
  writer.values(value);
  return writer.finish();
}

export function decodeRow(bytes: Uint8Array): StoredEntry {
  const reader = new ValueReader(bytes);
  const timestamp = reader.double();
  return { timestamp, keyRow: reader.values(), value: reader.values() };
}

interface StoredWindow extends StoredEntry {
  readonly windowStart: number;
  readonly windowEnd: number;
}

export function encodeWindow(
  windowStart: number,
  windowEnd: number,
  keyRow: Row,
  value: Row,
  timestamp: number,
): Uint8Array {
  writer.start();
  writer.double(windowStart);
  writer.double(windowEnd);
  writer.double(timestamp);
  writer.values(keyRow);
  writer.values(value);
  return writer.finish();
}

export function decodeWindow(bytes: Uint8Array): StoredWindow {
  const reader = new ValueReader(bytes);
  const windowStart = reader.double();
  const windowEnd = reader.double();
  const timestamp = reader.double();
  return { windowStart, windowEnd, timestamp, keyRow: reader.values(), value: reader.values() };
}

/** Builds the keys of one table after another in the same bytes: what it gives is to be used before the next. */
export class KeyBytes {
  #buffer = Buffer.allocUnsafe(256);

  /** A key text alone. */
  text(key: string): Uint8Array {
    return this.#buffer.subarray(0, this.#putText(key, 0));
  }

  /** A time, then a key text. */
  timeThenText(timeMs: number, key: string): Uint8Array {
    this.#putTime(timeMs, 0);
    return this.#buffer.subarray(0, this.#putText(key, 8));
  }

  /** A key text behind its length: no such key begins with another. */
  prefix(key: string): Uint8Array {
    const end = this.#putText(key, 4);
    this.#buffer.writeUInt32BE(end, 0);
    return this.#buffer.subarray(0, end);
  }

  /** A key text behind its length, then two times. */
  prefixThenTimes(key: string, first: number, second: number): Uint8Array {
    const end = this.#putText(key, 4);
    this.#buffer.writeUInt32BE(end, 0);
    this.#reserve(end + 16);
    this.#putTime(first, end);
    this.#putTime(second, end + 8);
    return this.#buffer.subarray(0, end + 16);
  }

  time(timeMs: number): Uint8Array {
    this.#putTime(timeMs, 0);
    return this.#buffer.subarray(0, 8);
  }

  #putTime(timeMs: number, at: number): void {
    this.#buffer.writeDoubleBE(timeMs, at);
    // As unsigned numbers, doubles above zero are in order already, those below zero in reverse order.
    if (timeMs < 0 || Object.is(timeMs, -0))
      for (let i = at; i < at + 8; i++) this.#buffer[i] = ~(this.#buffer[i] as number);
    else this.#buffer[at] = (this.#buffer[at] as number) ^ 0x80;
  }

  /** Where it ends. */
  #putText(key: string, at: number): number {
    this.#reserve(at + 1 + key.length * 3);
    this.#buffer[at] = 0;
    const bytes = this.#buffer.write(key, at + 1);
    if (bytes === key.length || key.isWellFormed()) return at + 1 + bytes;
    this.#buffer[at] = 1;
    return at + 1 + this.#buffer.write(key, at + 1, 'utf16le');
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, bytes));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

/** The time that `KeyBytes` wrote, at a place of a key. */
export function timeAt(key: Uint8Array, at: number): number {
  const bytes = Buffer.from(key.subarray(at, at + 8));
  if ((bytes[0] as number) & 0x80) bytes[0] = (bytes[0] as number) ^ 0x80;
  else for (let i = 0; i < 8; i++) bytes[i] = ~(bytes[i] as number);
  return bytes.readDoubleBE(0);
}

/** The least key above all that begin with this one; undefined when there is none. */
export function afterPrefix(prefix: Uint8Array): Uint8Array | undefined {
  const bytes = Uint8Array.from(prefix);
  for (let at = bytes.length - 1; at >= 0; at--) {
    if (bytes[at] === 0xff) continue;
    bytes[at] = (bytes[at] as number) + 1;
    return bytes.subarray(0, at + 1);
  }
  return undefined;
}

/** Heap that a cached row takes: its object, its place in a Map, its texts and numbers. Measured: `npm run bench -- stores`. */
export function heapBytes(key: string, keyRow: Row, value: Row): number {
  return 240 + key.length + valuesBytes(keyRow) + valuesBytes(value);
}

function valuesBytes(values: Row): number {
  let bytes = 16 + values.length * 8;
  for (let i = 0; i < values.length; i++) bytes += valueBytes(values[i] as SqlValue);
  return bytes;
}

function valueBytes(value: SqlValue): number {
  if (typeof value === 'number') return (value | 0) === value ? 0 : 16;
  if (typeof value === 'string') return 20 + value.length;
  if (value === null || typeof value === 'boolean') return 0;
  if (typeof value === 'bigint') return 24;
  if (value instanceof Uint8Array) return 100 + value.length;
  if (Array.isArray(value)) return valuesBytes(value as Row);
  if (value instanceof Map) {
    let bytes = 100;
    for (const [key, item] of value as ReadonlyMap<SqlValue, SqlValue>)
      bytes += 40 + valueBytes(key) + valueBytes(item);
    return bytes;
  }
  return 60;
}
