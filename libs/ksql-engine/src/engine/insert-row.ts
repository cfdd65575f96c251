import type { DataSource } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import { KsqlError } from '../errors/sql-error.js';
import { createSerde } from '../serde/formats.js';
import type { WriteRecord } from '../ports/broker.js';
import { castConversion } from '../types/cast.js';
import { exactlyOfType, parseDecimal } from '../types/decimal-math.js';
import { formatType } from '../types/format-type.js';
import { BIGINT, STRING, type SqlType } from '../types/sql-type.js';
import { normalizeBigint, type Row, type SqlValue } from '../types/sql-value.js';

/** A number as it was spelled in JSON, so that no digit is lost. */
export class NumberText {
  constructor(readonly text: string) {}
}
/** JSON with numbers as texts. */
export type JsonValue =
  null | boolean | string | NumberText | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** Parses JSON and keeps the spelling of numbers. @throws SyntaxError */
export function parseJsonExactly(text: string): JsonValue {
  const keepSpelling = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value;
  return JSON.parse(text, keepSpelling) as JsonValue;
}

/**
 * One row of values by column name as a record of the source's topic. Names are as in SQL: upper-cased unless quoted; unknown ones
 * are left out.
 * @throws KsqlError for a value that is not of its column's type, and for a missing key
 */
export function insertRow(
  target: DataSource,
  fields: { readonly [name: string]: JsonValue },
  nowMs: number,
): WriteRecord {
  const given = new Map(Object.entries(fields).map(([name, value]) => [columnName(name), value]));
  const { key } = target.schema;
  const value = target.schema.value.filter((column) => column.header === undefined);
  for (const { name } of key) {
    if (!given.has(name)) throw new KsqlError(`Key field must be specified: ${name}`);
  }
  const read = (column: Column): SqlValue => coerce(given.get(column.name) ?? null, column.type);
  const rowtime = coerce(given.get('ROWTIME') ?? null, BIGINT);
  const bytes = (columns: readonly Column[], isKey: boolean): Uint8Array | null => {
    const row: Row = columns.map(read);
    if (isKey && row.every((part) => part === null)) return null;
    const info = isKey ? target.topic.keyFormat : target.topic.valueFormat;
    return createSerde({ columns, isKey, info }).serialize(row);
  };
  return {
    topic: target.topic.topic,
    key: bytes(key, true),
    value: bytes(value, false),
    timestamp: rowtime === null ? nowMs : Number(rowtime),
    headers: [],
  };
}

function columnName(name: string): string {
  const quoted = /^(["`])(.*)\1$/s.exec(name);
  return quoted ? (quoted[2] ?? '').replaceAll((quoted[1] ?? '').repeat(2), quoted[1] ?? '') : name.toUpperCase();
}

function coerce(value: JsonValue, type: SqlType): SqlValue {
  if (value === null) return null;
  const refuse = (): never => {
    throw new KsqlError(`Can't coerce a field of type ${jsonKind(value)} into type ${formatType(type)}`);
  };
  switch (type.kind) {
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : refuse();
    case 'INTEGER': {
      if (!isInteger(value)) return refuse();
      const number = Number(value.text);
      return number >= -2147483648 && number <= 2147483647 ? number : refuse();
    }
    case 'BIGINT': {
      if (!isInteger(value)) return refuse();
      const number = BigInt(value.text);
      return BigInt.asIntN(64, number) === number ? normalizeBigint(number) : refuse();
    }
    case 'DOUBLE':
      return value instanceof NumberText ? Number(value.text) : refuse();
    case 'DECIMAL': {
      const text = value instanceof NumberText ? value.text : value;
      if (typeof text !== 'string' || !/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return refuse();
      return exactlyOfType(parseDecimal(text), type.precision, type.scale);
    }
    case 'STRING':
      return typeof value === 'string' ? value : refuse();
    case 'BYTES':
      return typeof value === 'string' ? Buffer.from(value, 'base64') : refuse();
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return typeof value === 'string' ? (castConversion(STRING, type)?.(value) ?? refuse()) : refuse();
    case 'ARRAY':
      return isList(value) ? value.map((item) => coerce(item, type.element)) : refuse();
    case 'MAP':
      if (!isFields(value)) return refuse();
      return new Map(Object.entries(value).map(([key, item]) => [key, coerce(item, type.value)]));
    case 'STRUCT': {
      if (!isFields(value)) return refuse();
      const entries = Object.entries(value);
      const exact = new Map(entries);
      const inAnyCase = new Map(entries.map(([name, item]) => [name.toUpperCase(), item]));
      return type.fields.map(({ name, type: fieldType }) =>
        coerce(exact.get(name) ?? inAnyCase.get(name) ?? null, fieldType),
      );
    }
  }
}

const isInteger = (value: JsonValue): value is NumberText => value instanceof NumberText && /^-?\d+$/.test(value.text);
const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);
const isFields = (value: JsonValue): value is { readonly [name: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !isList(value) && !(value instanceof NumberText);

function jsonKind(value: JsonValue): string {
  if (value instanceof NumberText) return isInteger(value) ? 'integer' : 'number';
  if (isList(value)) return 'array';
  return typeof value;
}
