import { Decimal } from '../types/decimal.js';
import type { Row, SqlArray, SqlMap, SqlValue } from '../types/sql-value.js';

/**
 * The text of a key, for use as key of a Map: equal exactly when the rows are equal. Only rows of one schema meet in one store,
 * so a column's type need not show; a null and the borders between columns must.
 */
export function storeKey(row: Row): string {
  if (row.length === 1) {
    const only = row[0] as SqlValue;
    // The most frequent key by far. A text that starts with the mark of special values gets one more mark.
    if (typeof only === 'string') return only.charCodeAt(0) === 0 ? `\0s${only}` : only;
    return keyPart(only);
  }
  let text = '';
  for (let i = 0; i < row.length; i++) {
    const part = keyPart(row[i] as SqlValue);
    text += `${part.length}:${part}`;
  }
  return text;
}

function keyPart(value: SqlValue): string {
  switch (typeof value) {
    case 'string':
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
