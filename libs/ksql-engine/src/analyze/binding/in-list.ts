import { KsqlError } from '../../errors/sql-error.js';
import type { InList } from '../../syntax/ast/expression.js';
import { BOOLEAN } from '../../types/sql-type.js';
import type { BoundExpression } from '../bound-expression.js';
import { formatBound } from '../format-bound.js';
import { InvalidExpressionError } from '../invalid-expression.js';
import { isTyped, type Binder } from './binder.js';
import { coerceTo, commonType } from './common-type.js';

/** The operand and the items get one common type; NULL items never match and are left out. */
export function bindIn(expression: InList, binder: Binder): BoundExpression {
  const operand = binder.bind(expression.operand);
  const items = expression.items.map((item) => binder.bind(item));
  const { negated } = expression;
  const refuse = (reason: string): InvalidExpressionError =>
    new InvalidExpressionError(
      binder.clause,
      reason,
      formatBound({ kind: 'in', operand, items, negated, type: BOOLEAN }),
    );
  if (!isTyped(operand) || !items.some(isTyped)) {
    throw refuse("IN needs a typed operand and a value that is not NULL: use 'IS NULL' or CAST(null AS …)");
  }
  try {
    const type = commonType([operand, ...items]) ?? operand.type;
    const typed = items.filter(isTyped).map((item) => coerceTo(item, type));
    return { kind: 'in', operand: coerceTo(operand, type), items: typed, negated, type: BOOLEAN };
  } catch (cause) {
    throw cause instanceof KsqlError ? refuse(cause.message) : cause;
  }
}
