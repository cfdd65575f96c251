import type { Row } from '../types/sql-value.js';

/** The order in which a byte-ordered store would list keys. */
export function byKeyBytes<T>(keyOf: (item: T) => Row, keyBytes: (key: Row) => Uint8Array): (a: T, b: T) => number {
  return (a, b) => Buffer.compare(keyBytes(keyOf(a)), keyBytes(keyOf(b)));
}
