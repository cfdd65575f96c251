import type { IsNull, Logical, Not } from '../../syntax/ast/expression.js';
import { BOOLEAN } from '../../types/sql-type.js';
import type { BoundExpression } from '../bound-expression.js';
import { formatBound } from '../format-bound.js';
import { InvalidExpressionError } from '../invalid-expression.js';
import type { Binder } from './binder.js';

function requireBoolean(operand: BoundExpression, whole: BoundExpression, binder: Binder): void {
  if (operand.type?.kind === 'BOOLEAN') return;
  throw new InvalidExpressionError(
    binder.clause,
    `Not a boolean expression: ${formatBound(operand)} (${operand.type?.kind ?? 'NULL'})`,
    formatBound(whole),
  );
}

export function bindLogical(expression: Logical, binder: Binder): BoundExpression {
  const left = binder.bind(expression.left);
  const right = binder.bind(expression.right);
  const bound: BoundExpression = { kind: 'logical', operator: expression.operator, left, right, type: BOOLEAN };
  // NULL is no truth value, but it does not matter beside a literal that decides.
  if (left.type === null && right.kind === 'literal' && right.value === (expression.operator === 'OR')) return right;
  requireBoolean(left, bound, binder);
  requireBoolean(right, bound, binder);
  return bound;
}

export function bindNot(expression: Not, binder: Binder): BoundExpression {
  const bound: BoundExpression = { kind: 'not', operand: binder.bind(expression.operand), type: BOOLEAN };
  requireBoolean(bound.operand, bound, binder);
  return bound;
}

export function bindIsNull(expression: IsNull, binder: Binder): BoundExpression {
  return { kind: 'isNull', operand: binder.bind(expression.operand), negated: expression.negated, type: BOOLEAN };
}
