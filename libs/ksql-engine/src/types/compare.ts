import { Decimal } from './decimal.js';
import { compareDecimal } from './decimal-math.js';
import type { SqlType } from './sql-type.js';
import type { SqlArray, SqlMap, SqlValue } from './sql-value.js';

export type Comparator = (a: SqlValue, b: SqlValue) => number;

/** Java's `Double.compare`: NaN is equal to itself and greater than all; −0.0 is less than 0.0. */
export function compareDouble(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return a !== 0 || Object.is(a, b) ? 0 : Object.is(a, -0) ? -1 : 1;
  const aIsNaN = Number.isNaN(a);
  return aIsNaN === Number.isNaN(b) ? 0 : aIsNaN ? 1 : -1;
}

/** Unsigned, byte by byte; a prefix is less. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

type Ordered = number | bigint | string | boolean;
const compareOrdered: Comparator = (a, b) =>
  (a as Ordered) < (b as Ordered) ? -1 : (a as Ordered) > (b as Ordered) ? 1 : 0;

/** The natural order of a type with one, for two values that are not null. STRING orders by UTF-16 code units. */
export function comparatorOf(type: SqlType): Comparator {
  switch (type.kind) {
    case 'DOUBLE':
      return (a, b) => compareDouble(a as number, b as number);
    case 'DECIMAL':
      return (a, b) => compareDecimal(a as Decimal, b as Decimal);
    case 'BYTES':
      return (a, b) => compareBytes(a as Uint8Array, b as Uint8Array);
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      throw new Error(`${type.kind} has no order`);
    default:
      return compareOrdered;
  }
}

/** Deep equality of two values of one type. Null equals null, NaN equals NaN, 1.0 equals 1.00 as DECIMAL. */
export function valuesEqual(a: SqlValue, b: SqlValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return typeof a === 'number' && a !== a && b !== b;
  }
  if (a instanceof Decimal) return b instanceof Decimal && compareDecimal(a, b) === 0;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0;
  if (a instanceof Map) return b instanceof Map && mapsEqual(a as SqlMap, b as SqlMap);
  const left = a as SqlArray;
  const right = b as SqlArray;
  if (!Array.isArray(right) || left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (!valuesEqual(left[i] ?? null, right[i] ?? null)) return false;
  return true;
}

function mapsEqual(a: SqlMap, b: SqlMap): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = mapGet(b, key);
    if (other === undefined || !valuesEqual(value, other)) return false;
  }
  return true;
}

/** The value at a key compared by value: DECIMAL, BYTES and nested keys are objects. Undefined when the key is absent. */
export function mapGet(map: SqlMap, key: SqlValue): SqlValue | undefined {
  if (typeof key !== 'object' || key === null) return map.get(key);
  for (const [candidate, value] of map) if (valuesEqual(candidate, key)) return value;
  return undefined;
}

/**
 * Equal for equal values of one type, for use in a Set or as key of a Map: the value itself where `===` decides, otherwise
 * a text.
 */
export function hashKey(value: SqlValue): null | boolean | number | bigint | string {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Decimal) return withoutTrailingZeros(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1');
  if (value instanceof Map) {
    const entries = [...(value as SqlMap)].map(([key, item]) => `${tagged(key)}${tagged(item)}`);
    return `{${entries.sort().join('')}}`;
  }
  return `[${(value as SqlArray).map(tagged).join('')}]`;
}

/** Length and kind first, so that no two lists of parts give the same text. */
function tagged(value: SqlValue): string {
  const key = hashKey(value);
  const text = String(key);
  return `${typeof key === 'string' ? 's' : 'v'}${text.length}:${text}`;
}

function withoutTrailingZeros(value: Decimal): string {
  const text = value.toString();
  return value.scale > 0 ? text.replace(/\.?0+$/, '') : text;
}
