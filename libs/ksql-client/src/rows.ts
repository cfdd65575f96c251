import { KsqlProtocolError } from './errors.js';
import type { Column, SqlType } from './sql-type.js';

/**
 * A value of a row. BIGINT is a number while that is exact and a bigint beyond; DECIMAL is its text with all digits
 * ("12.30"); BYTES is base64; DATE, TIME and TIMESTAMP are the server's texts (UTC).
 */
export type KsqlValue = null | boolean | number | bigint | string | readonly KsqlValue[] | KsqlStruct;
export interface KsqlStruct {
  readonly [name: string]: KsqlValue;
}
export type KsqlRow = Readonly<Record<string, KsqlValue>>;

/** A number as it was written, kept until the column's type says what to make of it. */
class NumberText {
  constructor(readonly text: string) {}
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithReviver = JSON.parse as (text: string, reviver?: Reviver) => unknown;
const keepNumberText: Reviver = (_key, value, context) =>
  typeof value === 'number' ? new NumberText(context.source ?? String(value)) : value;

/** Parses a line of an answer; numbers keep their spelling where a column is BIGINT or DECIMAL. */
export function parseLine(text: string, columns: readonly Column[]): unknown {
  try {
    return parseWithReviver(text, columns.some((column) => needsNumberText(column.type)) ? keepNumberText : undefined);
  } catch (error) {
    throw new KsqlProtocolError(`ksqlDB sent a line that is not JSON: ${text.slice(0, 200)}`, { cause: error });
  }
}

/** Turns the values of one row, in column order, into an object by column name. */
export function toRow(values: unknown, columns: readonly Column[]): KsqlRow {
  if (!Array.isArray(values) || values.length !== columns.length) {
    throw new KsqlProtocolError(`ksqlDB sent a row that does not fit its ${columns.length} columns.`);
  }
  const row: Record<string, KsqlValue> = {};
  for (const [index, column] of columns.entries()) row[column.name] = toValue(values[index], column.type);
  return row;
}

function needsNumberText(type: SqlType): boolean {
  if (type.kind === 'array') return needsNumberText(type.element);
  if (type.kind === 'map') return needsNumberText(type.value);
  if (type.kind === 'struct') return [...type.fields.values()].some(needsNumberText);
  return type.name === 'BIGINT' || type.name === 'DECIMAL';
}

function toValue(value: unknown, type: SqlType): KsqlValue {
  if (value === null || value === undefined) return null;
  if (type.kind === 'scalar') return toScalar(value, type.name);
  if (type.kind === 'array' && Array.isArray(value)) return value.map((element) => toValue(element, type.element));
  if (typeof value === 'object' && type.kind !== 'array') {
    const fieldType = (name: string): SqlType =>
      type.kind === 'map' ? type.value : (type.fields.get(name) ?? { kind: 'scalar', name: 'STRING' });
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toValue(field, fieldType(name))]));
  }
  throw new KsqlProtocolError(`ksqlDB sent ${typeof value} where the column is ${type.kind}.`);
}

function toScalar(value: unknown, typeName: string): KsqlValue {
  if (value instanceof NumberText) {
    if (typeName === 'DECIMAL') return value.text;
    const number = Number(value.text);
    return typeName === 'BIGINT' && !Number.isSafeInteger(number) ? BigInt(value.text) : number;
  }
  if (typeName === 'DOUBLE' && typeof value === 'string') return Number(value); // "NaN", "Infinity"
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  throw new KsqlProtocolError(`ksqlDB sent ${typeof value} where the column is ${typeName}.`);
}
