import type { ColumnRef, QualifiedColumnRef } from '../../syntax/ast/expression.js';
import type { BoundExpression } from '../bound-expression.js';
import type { Binder } from './binder.js';

export function bindColumn(expression: ColumnRef | QualifiedColumnRef, binder: Binder): BoundExpression {
  if (expression.kind === 'column') {
    const type = binder.variables.get(expression.name);
    if (type !== undefined) return { kind: 'lambdaVariable', name: expression.name, type };
  }
  return binder.scope.resolve(expression.name, expression.kind === 'column' ? undefined : expression.source);
}
