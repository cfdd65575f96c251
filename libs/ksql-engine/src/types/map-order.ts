import type { SqlMap, SqlValue } from './sql-value.js';

/**
 * Entries have no order of their own, but a text, an array or a fold of them shows one: that of a Java HashMap everywhere, so that
 * answers agree with each other and with a server's, whatever made the map. Keys go to a table of a power of two by their hash; those in
 * one place stay in order of insertion.
 */
export function inHashOrder(map: SqlMap): readonly (readonly [SqlValue, SqlValue])[] {
  const entries = [...map];
  if (entries.length < 2) return entries;
  let capacity = 16;
  while (entries.length > capacity * 0.75) capacity *= 2;
  const place = ([key]: readonly [SqlValue, SqlValue]): number => {
    const hash = hashOf(key);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  return entries.sort((a, b) => place(a) - place(b));
}

/** As Java's `hashCode` of the boxed value; keys of other types by their text. */
function hashOf(key: SqlValue): number {
  switch (typeof key) {
    case 'boolean':
      return key ? 1231 : 1237;
    case 'number':
      return Number.isInteger(key) ? hashLong(BigInt(key)) : hashText(String(key));
    case 'bigint':
      return hashLong(key);
    default:
      return key === null ? 0 : hashText(String(key));
  }
}

/** An INTEGER and the BIGINT of the same size have one hash unless they are negative. */
function hashLong(value: bigint): number {
  return Number(BigInt.asIntN(32, value ^ (value >> 32n)));
}

/** As Java's `String.hashCode`. */
function hashText(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
