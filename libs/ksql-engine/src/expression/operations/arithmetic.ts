import {
  addDecimal,
  decimalFromInt64,
  decimalToDouble,
  divideDecimal,
  exactlyOfType,
  multiplyDecimal,
  negateDecimal,
  powerOfTen,
  remainderDecimal,
  subtractDecimal,
} from '../../types/decimal-math.js';
import type { Decimal } from '../../types/decimal.js';
import {
  addInt64,
  divideInt32,
  divideInt64,
  multiplyInt64,
  negateInt64,
  remainderInt32,
  remainderInt64,
  subtractInt64,
  type Int64,
} from '../../types/integer-math.js';
import type { DecimalType, SqlType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import type { BoundExpression } from '../../analyze/bound-expression.js';

export type ArithmeticOperator = Extract<BoundExpression, { kind: 'arithmetic' }>['operator'];
/** Of two values that are not null, both of the operation's type (`numberConversion`). @throws Error when there is no result */
export type BinaryOperation = (a: SqlValue, b: SqlValue) => SqlValue;
export type UnaryOperation = (a: SqlValue) => SqlValue;

type Operations<T> = Readonly<Record<ArithmeticOperator, (a: T, b: T) => T>>;

const INT32: Operations<number> = {
  '+': (a, b) => (a + b) | 0,
  '-': (a, b) => (a - b) | 0,
  '*': Math.imul,
  '/': divideInt32,
  '%': remainderInt32,
};
const INT64: Operations<Int64> = {
  '+': addInt64,
  '-': subtractInt64,
  '*': multiplyInt64,
  '/': divideInt64,
  '%': remainderInt64,
};
const DOUBLES: Operations<number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

/** The operation at its result type. STRING + STRING is not here: it takes nulls (`concatenate`). */
export function arithmeticOf(operator: ArithmeticOperator, type: SqlType): BinaryOperation {
  switch (type.kind) {
    case 'INTEGER':
      return INT32[operator] as BinaryOperation;
    case 'BIGINT':
      return INT64[operator] as BinaryOperation;
    case 'DOUBLE':
      return DOUBLES[operator] as BinaryOperation;
    case 'DECIMAL':
      return decimalOperation(operator, type) as BinaryOperation;
    default:
      throw new Error(`no arithmetic on ${type.kind}`);
  }
}

/** Exact, at the declared type: what would have to be rounded fails. */
function decimalOperation(operator: ArithmeticOperator, type: DecimalType): (a: Decimal, b: Decimal) => Decimal {
  const { precision, scale } = type;
  switch (operator) {
    case '+':
      return (a, b) => exactlyOfType(addDecimal(a, b), precision, scale);
    case '-':
      return (a, b) => exactlyOfType(subtractDecimal(a, b), precision, scale);
    case '*':
      return (a, b) => exactlyOfType(multiplyDecimal(a, b), precision, scale);
    case '/':
      return (a, b) => exactlyOfType(divideDecimal(a, b, scale), precision, scale);
    case '%':
      return (a, b) => {
        const remainder = remainderDecimal(a, b);
        requireQuotient(a, b, precision);
        return exactlyOfType(remainder, precision, scale);
      };
  }
}

/** The whole quotient behind a remainder must not need more digits than the result has. */
function requireQuotient(a: Decimal, b: Decimal, precision: number): void {
  const scale = Math.max(a.scale, b.scale);
  const quotient = (a.unscaled * powerOfTen(scale - a.scale)) / (b.unscaled * powerOfTen(scale - b.scale));
  const digits = (quotient < 0n ? -quotient : quotient).toString().length;
  if (digits > precision && quotient % powerOfTen(digits - precision) !== 0n) throw new Error('Division impossible');
}

/** `+` on texts: NULL reads `null`. */
export function concatenate(a: SqlValue, b: SqlValue): string {
  return `${a as string}${b as string}`;
}

export function negationOf(type: SqlType): UnaryOperation {
  switch (type.kind) {
    case 'INTEGER':
      return (a) => -(a as number) | 0;
    case 'BIGINT':
      return (a) => negateInt64(a as Int64);
    case 'DOUBLE':
      return (a) => -(a as number);
    default:
      return (a) => negateDecimal(a as Decimal);
  }
}

/** Brings a number to the type an operation works on; undefined where its form is the same already. */
export function numberConversion(from: SqlType, to: SqlType): UnaryOperation | undefined {
  if (to.kind === 'DOUBLE') {
    if (from.kind === 'BIGINT') return Number;
    if (from.kind === 'DECIMAL') return (value) => decimalToDouble(value as Decimal);
  }
  if (to.kind === 'DECIMAL' && from.kind !== 'DECIMAL') return (value) => decimalFromInt64(value as Int64);
  return undefined;
}
