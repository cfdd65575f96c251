import type { Cast } from '../../syntax/ast/expression.js';
import { castConversion } from '../../types/cast.js';
import { formatType } from '../../types/format-type.js';
import type { BoundExpression } from '../bound-expression.js';
import { formatBound } from '../format-bound.js';
import { InvalidExpressionError } from '../invalid-expression.js';
import { resolveType } from '../resolve-type.js';
import type { Binder } from './binder.js';
import { literal } from './literals.js';

export function bindCast(expression: Cast, binder: Binder): BoundExpression {
  const operand = binder.bind(expression.operand);
  const type = resolveType(expression.type, binder.context.types);
  if (operand.type === null) return literal(null, type);
  const bound: BoundExpression = { kind: 'cast', operand, implicit: false, type };
  if (castConversion(operand.type, type) === undefined) {
    throw new InvalidExpressionError(
      binder.clause,
      `Cast of ${formatType(operand.type)} to ${formatType(type)} is not supported`,
      formatBound(bound),
    );
  }
  return bound;
}
