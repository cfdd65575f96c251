import { KsqlError } from '../../errors/sql-error.js';
import type { Between, Comparison, Like } from '../../syntax/ast/expression.js';
import { isNumeric, isTemporal } from '../../types/coercion.js';
import { formatType } from '../../types/format-type.js';
import { BIGINT, BOOLEAN, STRING, type SqlType } from '../../types/sql-type.js';
import type { BoundExpression } from '../bound-expression.js';
import { formatBound } from '../format-bound.js';
import { InvalidExpressionError } from '../invalid-expression.js';
import { isTyped, type Binder, type Typed } from './binder.js';
import { literal } from './literals.js';
import { parseMagicTime } from './magic-time.js';

type Operator = Comparison['operator'];

const OPERATOR_NAMES: Record<Operator, string> = {
  '=': 'EQUAL',
  '<>': 'NOT_EQUAL',
  '<': 'LESS_THAN',
  '<=': 'LESS_THAN_OR_EQUAL',
  '>': 'GREATER_THAN',
  '>=': 'GREATER_THAN_OR_EQUAL',
  'IS DISTINCT FROM': 'IS_DISTINCT_FROM',
  'IS NOT DISTINCT FROM': 'IS_NOT_DISTINCT_FROM',
};
const EQUALITY: ReadonlySet<Operator> = new Set(['=', '<>', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM']);

/** Types that are equal or not, but have no order. */
const UNORDERED: ReadonlySet<SqlType['kind']> = new Set(['BOOLEAN', 'ARRAY', 'MAP', 'STRUCT']);

/** IS [NOT] DISTINCT FROM takes a text behind a DECIMAL for a number. */
const NULL_SAFE: ReadonlySet<Operator> = new Set(['IS DISTINCT FROM', 'IS NOT DISTINCT FROM']);
const isDecimalWithText = (operator: Operator, left: SqlType, right: SqlType): boolean =>
  NULL_SAFE.has(operator) && left.kind === 'DECIMAL' && right.kind === 'STRING';

/** Whether values of two types can be compared. The evaluator brings them together (expression/comparison.ts). */
function areComparable(a: SqlType, b: SqlType, isEquality: boolean): boolean {
  if (isNumeric(a) && isNumeric(b)) return true;
  if (a.kind === b.kind) return isEquality || !UNORDERED.has(a.kind);
  if ((a.kind === 'STRING' && isTemporal(b)) || (isTemporal(a) && b.kind === 'STRING')) return true;
  return (a.kind === 'DATE' && b.kind === 'TIMESTAMP') || (a.kind === 'TIMESTAMP' && b.kind === 'DATE');
}

export function bindComparison(expression: Comparison, binder: Binder): BoundExpression {
  const { operator } = expression;
  const [left, right] = withMagicTimes(binder.bind(expression.left), binder.bind(expression.right), binder);
  if (!isTyped(left) || !isTyped(right)) {
    const kinds = `${left.type?.kind ?? 'NULL'} ${operator} ${right.type?.kind ?? 'NULL'}`;
    throw new KsqlError(`Comparison with NULL not supported: ${kinds}\nUse 'IS NULL' or 'IS NOT NULL' instead.`);
  }
  const areCompared =
    areComparable(left.type, right.type, EQUALITY.has(operator)) || isDecimalWithText(operator, left.type, right.type);
  if (!areCompared) {
    const text = `(${formatBound(left)} ${operator} ${formatBound(right)})`;
    throw new KsqlError(
      `Cannot compare ${describe(left)} to ${describe(right)} with ${OPERATOR_NAMES[operator]}.\nStatement: ${text}`,
    );
  }
  return { kind: 'comparison', operator, left, right, type: BOOLEAN };
}

const describe = (expression: Typed): string => `${formatBound(expression)} (${formatType(expression.type)})`;

export function bindBetween(expression: Between, binder: Binder): BoundExpression {
  const { negated } = expression;
  const operand = binder.bind(expression.operand);
  const [, low] = withMagicTimes(operand, binder.bind(expression.low), binder);
  const [, high] = withMagicTimes(operand, binder.bind(expression.high), binder);
  const bound: BoundExpression = { kind: 'between', operand, low, high, negated, type: BOOLEAN };
  for (const bound_ of [low, high]) {
    if (isTyped(operand) && isTyped(bound_) && areComparable(operand.type, bound_.type, false)) continue;
    throw new InvalidExpressionError(binder.clause, unexpected(operand, bound_), formatBound(bound));
  }
  return bound;
}

function unexpected(operand: BoundExpression, bound: BoundExpression): string {
  const kind = operand.type?.kind;
  if (kind !== undefined && kind === bound.type?.kind && UNORDERED.has(kind)) {
    return `Unexpected ${kind.toLowerCase()} comparison: >=`;
  }
  const types = [operand, bound].map(({ type }) => (type === null ? 'NULL' : formatType(type)));
  return `Unexpected comparison of ${types[0]} and ${types[1]} in BETWEEN`;
}

export function bindLike(expression: Like, binder: Binder): BoundExpression {
  const operand = binder.bind(expression.operand);
  const pattern = binder.bind(expression.pattern);
  const { escape, negated } = expression;
  if (escape !== undefined && escape.length !== 1) {
    throw new KsqlError(`Expected single character escape but got: ${escape}`);
  }
  const bound: BoundExpression = { kind: 'like', operand, pattern, escape, negated, type: BOOLEAN };
  for (const side of [operand, pattern]) {
    if (side.type === null || side.type.kind === STRING.kind) continue;
    throw new InvalidExpressionError(
      binder.clause,
      `The column type for Like condition must be VARCHAR. The column type is ${formatType(side.type)}: use CAST(${formatBound(side)} AS STRING)`,
      formatBound(bound),
    );
  }
  return bound;
}

const FILTERS: ReadonlySet<string> = new Set(['WHERE', 'HAVING']);
const TIME_COLUMNS: ReadonlySet<string> = new Set(['ROWTIME', 'WINDOWSTART', 'WINDOWEND']);

const isTimeColumn = (expression: BoundExpression): boolean =>
  expression.kind === 'pseudoColumn' && TIME_COLUMNS.has(expression.name);

/** In filters, a text that meets ROWTIME, WINDOWSTART or WINDOWEND stands for milliseconds since the epoch. */
function withMagicTimes(
  left: BoundExpression,
  right: BoundExpression,
  binder: Binder,
): readonly [BoundExpression, BoundExpression] {
  if (!FILTERS.has(binder.clause)) return [left, right];
  return [isTimeColumn(right) ? asEpochMs(left) : left, isTimeColumn(left) ? asEpochMs(right) : right];
}

function asEpochMs(expression: BoundExpression): BoundExpression {
  if (expression.kind !== 'literal' || typeof expression.value !== 'string') return expression;
  return literal(parseMagicTime(expression.value), BIGINT);
}
