import type { BoundExpression } from '../../analyze/bound-expression.js';
import { MS_PER_DAY } from '../../types/civil-date.js';
import { compareBytes, valuesEqual } from '../../types/compare.js';
import { compareDecimal, decimalFromDouble, decimalFromInt64, parseDecimal } from '../../types/decimal-math.js';
import type { Decimal } from '../../types/decimal.js';
import type { Int64 } from '../../types/integer-math.js';
import type { SqlType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import { textToDate, textToTime, textToTimestamp } from '../../types/text-to-value.js';

export type ComparisonOperator = Extract<BoundExpression, { kind: 'comparison' }>['operator'];
type Convert = (value: SqlValue) => SqlValue;

/**
 * How values of two types are compared: first each side is converted (undefined: as it is), then
 *
 * - `direct`: by the operators of JavaScript (numbers, texts, times; every comparison with NaN is false)
 * - `compare`: by the sign of a function
 * - `equal`: by a function; only for equality
 */
export type Comparison = { readonly left?: Convert | undefined; readonly right?: Convert | undefined } & (
  | { readonly kind: 'direct' }
  | { readonly kind: 'compare'; readonly compare: (a: SqlValue, b: SqlValue) => number }
  | { readonly kind: 'equal'; readonly equal: (a: SqlValue, b: SqlValue) => boolean }
);

const TEXT_PARSERS: Partial<Record<SqlType['kind'], Convert>> = {
  DATE: (text) => textToDate(text as string),
  TIME: (text) => textToTime(text as string),
  TIMESTAMP: (text) => textToTimestamp(text as string),
};

export function comparisonOf(left: SqlType, right: SqlType): Comparison {
  if (left.kind === 'DECIMAL' || right.kind === 'DECIMAL') {
    const compare = compareDecimal as (a: SqlValue, b: SqlValue) => number;
    return { kind: 'compare', compare, left: toDecimal(left), right: toDecimal(right) };
  }
  if (left.kind === right.kind) return sameKind(left, right);
  return { kind: 'direct', left: bridge(left, right), right: bridge(right, left) };
}

function sameKind(left: SqlType, right: SqlType): Comparison {
  switch (left.kind) {
    case 'BYTES':
      return { kind: 'compare', compare: (a, b) => compareBytes(a as Uint8Array, b as Uint8Array) };
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return { kind: 'equal', equal: haveSameFields(left, right) ? valuesEqual : () => false };
    default:
      return { kind: 'direct' };
  }
}

/** Values of two STRUCT types with other field names, at any depth, are never equal. */
function haveSameFields(left: SqlType, right: SqlType): boolean {
  if (left.kind === 'ARRAY' && right.kind === 'ARRAY') return haveSameFields(left.element, right.element);
  if (left.kind === 'MAP' && right.kind === 'MAP') return haveSameFields(left.value, right.value);
  if (left.kind !== 'STRUCT' || right.kind !== 'STRUCT') return true;
  return (
    left.fields.length === right.fields.length &&
    left.fields.every(({ name, type }, i) => {
      const other = right.fields[i];
      return other?.name === name && haveSameFields(type, other.type);
    })
  );
}

/** What `from` becomes beside another type: text is parsed, a DATE is a midnight, a BIGINT beside a DOUBLE is one. */
function bridge(from: SqlType, other: SqlType): Convert | undefined {
  if (from.kind === 'STRING') return TEXT_PARSERS[other.kind];
  if (from.kind === 'DATE' && other.kind === 'TIMESTAMP') return (days) => (days as number) * MS_PER_DAY;
  if (from.kind === 'BIGINT' && other.kind === 'DOUBLE') return Number;
  return undefined;
}

function toDecimal(from: SqlType): Convert | undefined {
  if (from.kind === 'DECIMAL') return undefined;
  if (from.kind === 'STRING') return (text): Decimal => parseDecimal(text as string);
  return from.kind === 'DOUBLE'
    ? (value): Decimal => decimalFromDouble(value as number)
    : (value): Decimal => decimalFromInt64(value as Int64);
}

/** Decides an operator for two converted values that are not null. */
export function decide(operator: ComparisonOperator, comparison: Comparison): (a: SqlValue, b: SqlValue) => boolean {
  switch (comparison.kind) {
    case 'direct':
      return DIRECT[operator] as (a: SqlValue, b: SqlValue) => boolean;
    case 'compare': {
      const { compare } = comparison;
      const ofSign = DIRECT[operator];
      return (a, b) => ofSign(compare(a, b), 0);
    }
    case 'equal': {
      const { equal } = comparison;
      return operator === '=' || operator === 'IS NOT DISTINCT FROM' ? equal : (a, b) => !equal(a, b);
    }
  }
}

const isSame = (a: number, b: number): boolean => a === b || (a !== a && b !== b);

/** On numbers, and just so on bigints and texts. NaN is only the same as NaN to IS [NOT] DISTINCT FROM. */
const DIRECT: Readonly<Record<ComparisonOperator, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a < b || a > b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  'IS DISTINCT FROM': (a, b) => !isSame(a, b),
  'IS NOT DISTINCT FROM': isSame,
};
