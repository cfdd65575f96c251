import type { StoreChange } from './store.js';
import { storeKey } from './store-key.js';
import { ValueReader, ValueWriter } from './value-codec.js';

/**
 * A store's change as a changelog record.
 *
 * - key: version, window start and end (doubles), key columns
 * - value: version, timestamp (double), value columns; no value for a deletion
 */
const VERSION = 1;

export interface EncodedChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

const writer = new ValueWriter();

export function encodeChange(change: StoreChange): EncodedChange {
  writer.start();
  writer.byte(VERSION);
  writer.double(change.windowStart);
  writer.double(change.windowEnd);
  writer.values(change.keyRow);
  const key = writer.finish();
  if (change.entry === null) return { key, value: null };
  writer.start();
  writer.byte(VERSION);
  writer.double(change.entry.timestamp);
  writer.values(change.entry.value);
  return { key, value: writer.finish() };
}

/** @throws Error when the bytes are of another version or cut off */
export function decodeChange(key: Uint8Array, value: Uint8Array | null): StoreChange {
  const keyReader = versioned(key);
  const windowStart = keyReader.double();
  const windowEnd = keyReader.double();
  const keyRow = keyReader.values();
  const change = { key: storeKey(keyRow), keyRow, windowStart, windowEnd };
  if (value === null) return { ...change, entry: null };
  const valueReader = versioned(value);
  const timestamp = valueReader.double();
  return { ...change, entry: { timestamp, value: valueReader.values() } };
}

function versioned(bytes: Uint8Array): ValueReader {
  const reader = new ValueReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) {
    throw new Error(
      `changelog record has version ${version}, known is ${VERSION}: delete the query's state and start it anew`,
    );
  }
  return reader;
}
