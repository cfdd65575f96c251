import { KsqlError } from '../../errors/sql-error.js';
import type { DecimalLiteral, Expression, TimeLiteral } from '../../syntax/ast/expression.js';
import { negateDecimal, precisionOf } from '../../types/decimal-math.js';
import type { Decimal } from '../../types/decimal.js';
import { negateInt64, type Int64 } from '../../types/integer-math.js';
import {
  BIGINT,
  BOOLEAN,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  STRING,
  TIME,
  TIMESTAMP,
  type SqlType,
} from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import { textToDate, textToTime, textToTimestamp } from '../../types/text-to-value.js';
import type { BoundExpression } from '../bound-expression.js';

export type BoundLiteral = Extract<BoundExpression, { kind: 'literal' }>;

export const literal = (value: SqlValue, type: SqlType | null): BoundLiteral => ({ kind: 'literal', value, type });
export const NULL_LITERAL = literal(null, null);

type LiteralKind = 'null' | 'boolean' | 'integer' | 'long' | 'double' | 'decimal' | 'string' | 'timeLiteral';
type LiteralRules = {
  readonly [K in LiteralKind]: (expression: Extract<Expression, { kind: K }>) => BoundLiteral;
};

export const LITERALS: LiteralRules = {
  null: () => NULL_LITERAL,
  boolean: ({ value }) => literal(value, BOOLEAN),
  integer: ({ value }) => literal(value, INTEGER),
  long: ({ value }) => literal(value, BIGINT),
  double: ({ value }) => literal(value, DOUBLE),
  decimal: (expression) => literal(expression.value, typeOfDecimal((expression as DecimalLiteral).value)),
  string: ({ value }) => literal(value, STRING),
  timeLiteral: bindTimeLiteral,
};

/** As written, at least one digit before the point: `.5` is DECIMAL(2, 1), `1.` is DECIMAL(1, 0). */
export function typeOfDecimal(value: Decimal): SqlType {
  return decimalType(Math.max(precisionOf(value), value.scale + 1), value.scale);
}

const TIME_TYPES = {
  DATE: { type: DATE, parse: textToDate },
  TIME: { type: TIME, parse: textToTime },
  TIMESTAMP: { type: TIMESTAMP, parse: textToTimestamp },
} as const;

function bindTimeLiteral(expression: TimeLiteral): BoundLiteral {
  const { type, parse } = TIME_TYPES[expression.type];
  try {
    return literal(parse(expression.text), type);
  } catch (cause) {
    throw new KsqlError(`Invalid ${type.kind} literal '${expression.text}'`, { cause });
  }
}

/** The literal with the other sign; undefined when it is no number. −2147483648 is an INTEGER again. */
export function negateLiteral({ value, type }: BoundLiteral): BoundLiteral | undefined {
  if (value === null || type === null) return undefined;
  switch (type.kind) {
    case 'INTEGER':
      return value === -2147483648 ? undefined : literal(0 - (value as number), INTEGER);
    case 'BIGINT': {
      const negated = negateInt64(value as Int64);
      return literal(negated, negated === -2147483648 ? INTEGER : BIGINT);
    }
    case 'DOUBLE':
      return literal(-(value as number), DOUBLE);
    case 'DECIMAL':
      return literal(negateDecimal(value as Decimal), type);
    default:
      return undefined;
  }
}
