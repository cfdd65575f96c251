import { MS_PER_DAY } from './civil-date.js';
import { decimalFromDouble, decimalFromInt64, decimalToDouble, decimalToInt64, toDecimalType } from './decimal-math.js';
import type { Decimal } from './decimal.js';
import { doubleToInt32, doubleToInt64, int64ToInt32, type Int64 } from './integer-math.js';
import { sameType, type ArrayType, type DecimalType, type MapType, type SqlType, type StructType } from './sql-type.js';
import type { SqlArray, SqlMap, SqlValue } from './sql-value.js';
import {
  textToBigint,
  textToBoolean,
  textToBytes,
  textToDate,
  textToDecimal,
  textToDouble,
  textToInteger,
  textToTime,
  textToTimestamp,
} from './text-to-value.js';
import { valueToText } from './value-to-text.js';

/** Converts a value that is not null. @throws Error when the value has no counterpart in the target type */
export type Conversion = (value: NonNullable<SqlValue>) => SqlValue;

const identity: Conversion = (value) => value;

/** The conversion of CAST(… AS to), or undefined when the pair of types has none. */
export function castConversion(from: SqlType, to: SqlType): Conversion | undefined {
  if (sameType(from, to)) return identity;
  return TARGETS[to.kind](from, to as never);
}

type Target<T extends SqlType> = (from: SqlType, to: T) => Conversion | undefined;
type Targets = { readonly [K in SqlType['kind']]: Target<Extract<SqlType, { kind: K }>> };

const fromText =
  (parse: (text: string) => SqlValue): Target<SqlType> =>
  (from) =>
    from.kind === 'STRING' ? (value) => parse(value as string) : undefined;

const TARGETS: Targets = {
  BOOLEAN: fromText(textToBoolean),
  INTEGER: (from, to) => {
    switch (from.kind) {
      case 'BIGINT':
        return (value) => int64ToInt32(value as Int64);
      case 'DOUBLE':
        return (value) => doubleToInt32(value as number);
      case 'DECIMAL':
        return (value) => int64ToInt32(decimalToInt64(value as Decimal));
      default:
        return fromText(textToInteger)(from, to);
    }
  },
  BIGINT: (from, to) => {
    switch (from.kind) {
      case 'INTEGER':
        return identity;
      case 'DOUBLE':
        return (value) => doubleToInt64(value as number);
      case 'DECIMAL':
        return (value) => decimalToInt64(value as Decimal);
      default:
        return fromText(textToBigint)(from, to);
    }
  },
  DOUBLE: (from, to) => {
    switch (from.kind) {
      case 'INTEGER':
        return identity;
      case 'BIGINT':
        return (value) => Number(value);
      case 'DECIMAL':
        return (value) => decimalToDouble(value as Decimal);
      default:
        return fromText(textToDouble)(from, to);
    }
  },
  DECIMAL: (from, to) => decimalConversion(from, to),
  STRING: (from) => (from.kind === 'BYTES' ? undefined : (value) => valueToText(value, from)),
  BYTES: fromText(textToBytes),
  DATE: (from, to) =>
    from.kind === 'TIMESTAMP' ? (value) => Math.floor((value as number) / MS_PER_DAY) : fromText(textToDate)(from, to),
  TIME: (from, to) =>
    from.kind === 'TIMESTAMP'
      ? (value) => (value as number) - Math.floor((value as number) / MS_PER_DAY) * MS_PER_DAY
      : fromText(textToTime)(from, to),
  TIMESTAMP: (from, to) =>
    from.kind === 'DATE' ? (value) => (value as number) * MS_PER_DAY : fromText(textToTimestamp)(from, to),
  ARRAY: arrayConversion,
  MAP: mapConversion,
  STRUCT: structConversion,
};

function decimalConversion(from: SqlType, to: DecimalType): Conversion | undefined {
  const { precision, scale } = to;
  switch (from.kind) {
    case 'INTEGER':
    case 'BIGINT':
      return (value) => toDecimalType(decimalFromInt64(value as Int64), precision, scale);
    case 'DOUBLE':
      return (value) => toDecimalType(decimalFromDouble(value as number), precision, scale);
    case 'DECIMAL':
      return (value) => toDecimalType(value as Decimal, precision, scale);
    case 'STRING':
      return (value) => textToDecimal(value as string, precision, scale);
    default:
      return undefined;
  }
}

const orNull = (value: SqlValue, convert: Conversion): SqlValue => (value === null ? null : convert(value));

function arrayConversion(from: SqlType, to: ArrayType): Conversion | undefined {
  const element = from.kind === 'ARRAY' ? castConversion(from.element, to.element) : undefined;
  return element && ((value) => (value as SqlArray).map((item) => orNull(item, element)));
}

function mapConversion(from: SqlType, to: MapType): Conversion | undefined {
  if (from.kind !== 'MAP') return undefined;
  const key = castConversion(from.key, to.key);
  const item = castConversion(from.value, to.value);
  if (!key || !item) return undefined;
  return (value) => {
    const result = new Map<SqlValue, SqlValue>();
    for (const [k, v] of value as SqlMap) result.set(orNull(k, key), orNull(v, item));
    return result;
  };
}

/** By field name: what the source lacks is null, what the target lacks is dropped. */
function structConversion(from: SqlType, to: StructType): Conversion | undefined {
  if (from.kind !== 'STRUCT') return undefined;
  const sources: number[] = [];
  const conversions: Conversion[] = [];
  for (const field of to.fields) {
    const index = from.fields.findIndex((candidate) => candidate.name === field.name);
    const source = from.fields[index];
    const convert = source === undefined ? identity : castConversion(source.type, field.type);
    if (convert === undefined) return undefined;
    sources.push(index);
    conversions.push(convert);
  }
  return (value) =>
    conversions.map((convert, i) => {
      const field = (value as SqlArray)[sources[i] ?? -1];
      return field === undefined || field === null ? null : convert(field);
    });
}
