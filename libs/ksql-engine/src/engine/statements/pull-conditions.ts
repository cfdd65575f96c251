import type { BoundExpression } from '../../analyze/bound-expression.js';
import { formatBound } from '../../analyze/format-bound.js';
import { visitExpression } from '../../analyze/rewrite-expression.js';
import type { DataSource } from '../../catalog/data-source.js';
import type { Column } from '../../catalog/schema.js';
import { isWindowBound } from '../../catalog/system-columns.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { Expression } from '../../syntax/ast/expression.js';
import { printExpression } from '../../syntax/print/expression.js';
import { exactlyOfType } from '../../types/decimal-math.js';
import { Decimal } from '../../types/decimal.js';
import { formatType } from '../../types/format-type.js';
import type { SqlType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import type { ConstantOf } from './pull-constraints.js';

/**
 * What WHERE of a pull query over a table may say: comparisons, BETWEEN, IN and LIKE, by AND and OR. In this order each condition is
 * refused for
 *
 * 1. being none of these, or one of them negated (NOT LIKE, NOT IN, NOT BETWEEN, IS NULL, a function, a BOOLEAN column)
 * 2. LIKE beside another condition on a table with windows
 * 3. `<>` on WINDOWSTART or WINDOWEND
 * 4. a value that the type of the key column does not hold
 *
 * @throws KsqlError naming the condition
 */
export function requirePullConditions(predicate: BoundExpression, source: DataSource, constantOf: ConstantOf): void {
  const check = (expression: BoundExpression, isInConjunction: boolean): void => {
    if (expression.kind === 'logical') {
      const isIn = isInConjunction || expression.operator === 'AND';
      check(expression.left, isIn);
      check(expression.right, isIn);
      return;
    }
    requireKind(expression, source.topic.window !== undefined && isInConjunction);
    if (expression.kind === 'comparison') requireComparison(expression, source, constantOf);
  };
  check(predicate, false);
}

/**
 * The values of every IN of the condition as they were written, since their common type hides what each is: none is NULL, and each is of
 * the key's type. @throws KsqlError naming the value
 */
export function requireKeyLists(
  where: Expression,
  { schema }: DataSource,
  bind: (item: Expression) => BoundExpression,
  constantOf: ConstantOf,
): void {
  visitExpression(where, (node) => {
    if (node.kind !== 'in') return;
    if (node.items.some(({ kind }) => kind === 'null')) {
      throw new KsqlError(`Primary key columns can not be NULL: ${printExpression(node)}`);
    }
    const { operand } = node;
    const key = operand.kind === 'column' ? schema.key.find(({ name }) => name === operand.name) : undefined;
    if (key !== undefined) for (const item of node.items) requireKey(key, bind(item), constantOf);
  });
}

const unsupported = (expression: BoundExpression): KsqlError =>
  new KsqlError(
    `Unsupported expression in WHERE clause: ${formatBound(expression)}. See https://cnfl.io/queries for more info.`,
  );

function requireKind(expression: BoundExpression, isOneOfSeveralOnWindows: boolean): void {
  switch (expression.kind) {
    case 'comparison':
      return;
    case 'between':
      if (expression.negated) throw unsupported(expression);
      return;
    case 'in':
      if (expression.negated) throw unsupported(expression);
      return;
    case 'like':
      if (expression.negated || isOneOfSeveralOnWindows) throw unsupported(expression);
      return;
    default:
      throw unsupported(expression);
  }
}

function requireComparison(
  comparison: Extract<BoundExpression, { kind: 'comparison' }>,
  source: DataSource,
  constantOf: ConstantOf,
): void {
  const sides = [withoutConversion(comparison.left), withoutConversion(comparison.right)] as const;
  if (comparison.operator === '<>') {
    const bound = sides.find((side) => side.kind === 'pseudoColumn' && isWindowBound(side.name));
    if (bound !== undefined) {
      throw new KsqlError(`Unsupported ${formatBound(bound)} bounds: <>. Use =, <, <=, > or >=.`);
    }
  }
  if (comparison.operator !== '=') return;
  for (const [column, other] of [sides, [sides[1], sides[0]]] as const) {
    const key = column.kind === 'keyColumn' ? source.schema.key[column.index] : undefined;
    if (key !== undefined) requireKey(key, other, constantOf);
  }
}

function requireKey(key: Column, item: BoundExpression, constantOf: ConstantOf): void {
  const value = constantOf(item);
  if (value === undefined || value === null || holds(key.type, item, value)) return;
  throw new KsqlError(
    `${formatBound(item)} can not be converted to the type of the key column: ${key.name} ${formatType(key.type)} KEY`,
  );
}

/** A conversion that the comparison, and not the user, asks for. */
const withoutConversion = (expression: BoundExpression): BoundExpression =>
  expression.kind === 'cast' && expression.implicit ? withoutConversion(expression.operand) : expression;

const WHOLE: Readonly<Partial<Record<SqlType['kind'], readonly SqlType['kind'][]>>> = {
  INTEGER: ['INTEGER'],
  BIGINT: ['INTEGER', 'BIGINT'],
};

/** Numbers go to a key as they are: none is rounded or cut to find a row. */
function holds(key: SqlType, { type }: BoundExpression, value: SqlValue): boolean {
  if (type === null) return true;
  const whole = WHOLE[key.kind];
  if (whole !== undefined) return whole.includes(type.kind);
  if (key.kind !== 'DECIMAL') return true;
  if (!(value instanceof Decimal)) return type.kind !== 'DOUBLE';
  try {
    exactlyOfType(value, key.precision, key.scale);
    return true;
  } catch {
    return false;
  }
}
