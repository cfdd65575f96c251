import { parseDecimal, toDecimalType } from '../types/decimal-math.js';
import { Decimal } from '../types/decimal.js';
import { formatType } from '../types/format-type.js';
import type { SqlType } from '../types/sql-type.js';
import { normalizeBigint, type SqlValue } from '../types/sql-value.js';

/**
 * A value as a test writes and reads it: numbers, bigints, strings, booleans, arrays, plain objects (STRUCT and MAP), bytes. A DECIMAL
 * is a string such as '1.10'; DATE, TIME and TIMESTAMP are numbers as in `types/sql-value.ts`.
 */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

const isPlainObject = (value: PlainValue): value is { readonly [name: string]: PlainValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** A field by its exact name, else in any case; absent is null. */
export function fieldOf(object: { readonly [name: string]: PlainValue }, name: string): PlainValue {
  const exact = object[name];
  if (exact !== undefined) return exact;
  const found = Object.keys(object).find((key) => key.toUpperCase() === name.toUpperCase());
  return found === undefined ? null : (object[found] ?? null);
}

/** @throws Error when the value is none of this type */
export function toSqlValue(value: PlainValue, type: SqlType): SqlValue {
  if (value === null) return null;
  const wrong = (): Error => new Error(`Expected a value of type ${formatType(type)}, but got ${String(value)}`);
  switch (type.kind) {
    case 'BIGINT':
      if (typeof value === 'bigint') return normalizeBigint(value);
      break;
    case 'DECIMAL':
      if (typeof value === 'string' || typeof value === 'number') {
        return toDecimalType(parseDecimal(String(value)), type.precision, type.scale);
      }
      throw wrong();
    case 'ARRAY':
      if (!Array.isArray(value)) throw wrong();
      return (value as readonly PlainValue[]).map((item) => toSqlValue(item, type.element));
    case 'MAP':
      if (!isPlainObject(value)) throw wrong();
      return new Map(
        Object.entries(value).map(([key, item]) => [toSqlValue(key, type.key), toSqlValue(item, type.value)]),
      );
    case 'STRUCT':
      if (!isPlainObject(value)) throw wrong();
      return type.fields.map((field) => toSqlValue(fieldOf(value, field.name), field.type));
    case 'BYTES':
      if (value instanceof Uint8Array) return value;
      throw wrong();
    case 'BOOLEAN':
      if (typeof value === 'boolean') return value;
      throw wrong();
    case 'STRING':
      if (typeof value === 'string') return value;
      throw wrong();
    default:
      break;
  }
  if (typeof value !== 'number') throw wrong();
  return value;
}

export function toPlainValue(value: SqlValue, type: SqlType): PlainValue {
  if (value === null) return null;
  if (value instanceof Decimal) return value.toString();
  if (value instanceof Uint8Array) return value;
  if (type.kind === 'ARRAY') {
    return (value as readonly SqlValue[]).map((item) => toPlainValue(item, type.element));
  }
  if (type.kind === 'MAP') {
    const entries = [...(value as ReadonlyMap<SqlValue, SqlValue>)];
    return Object.fromEntries(entries.map(([key, item]) => [String(key), toPlainValue(item, type.value)]));
  }
  if (type.kind === 'STRUCT') {
    const fields = value as readonly SqlValue[];
    return Object.fromEntries(type.fields.map((field, i) => [field.name, toPlainValue(fields[i] ?? null, field.type)]));
  }
  return value as Exclude<SqlValue, Decimal | readonly SqlValue[] | ReadonlyMap<SqlValue, SqlValue>>;
}
