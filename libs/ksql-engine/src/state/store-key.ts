import { Decimal } from '../types/decimal.js';
import type { Row, SqlArray, SqlMap, SqlValue } from '../types/sql-value.js';
import type { Vector } from '../types/vector.js';

/**
 * The text of a key, for use as key of a Map: equal exactly when the rows are equal. Only rows of one schema meet in one store,
 * so a column's type need not show; a null and the borders between columns must.
 */
export function storeKey(row: Row): string {
  if (row.length === 1) return keyPart(row[0] as SqlValue);
  let text = '';
  for (let i = 0; i < row.length; i++) text += lengthPrefixed(row[i] as SqlValue);
  return text;
}

/** The same text for row `at` of key vectors, with the window's bounds behind the key unless they are -1. */
export function storeKeyAt(keys: readonly Vector[], at: number, windowStart: number, windowEnd: number): string {
  if (windowStart === -1 && keys.length === 1) return keyPart((keys[0] as Vector)[at] as SqlValue);
  let text = '';
  for (let i = 0; i < keys.length; i++) text += lengthPrefixed((keys[i] as Vector)[at] as SqlValue);
  return windowStart === -1 ? text : `${text}${lengthPrefixed(windowStart)}${lengthPrefixed(windowEnd)}`;
}

function keyPart(value: SqlValue): string {
  switch (typeof value) {
    case 'string':
      // A text that starts with the mark of special values gets one more mark.
      return value.charCodeAt(0) === 0 ? `\0s${value}` : value;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return objectPart(value as null | Uint8Array | Decimal | SqlArray | SqlMap);
  }
}

function objectPart(value: null | Uint8Array | Decimal | SqlArray | SqlMap): string {
  if (value === null) return '\0n';
  if (value instanceof Decimal) return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (value instanceof Map) {
    const entries = [...(value as SqlMap)].map(([key, item]) => lengthPrefixed(key) + lengthPrefixed(item));
    return entries.sort().join('');
  }
  return (value as SqlArray).map(lengthPrefixed).join('');
}

function lengthPrefixed(value: SqlValue): string {
  const part = keyPart(value);
  return `${part.length}:${part}`;
}
