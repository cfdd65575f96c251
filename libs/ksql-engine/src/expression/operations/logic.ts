import type { BoundExpression } from '../../analyze/bound-expression.js';

type Decisive = Extract<BoundExpression, { kind: 'literal' }> & { readonly value: boolean };

/** `… OR TRUE` and `… AND FALSE`: the literal is the result even where the other side is NULL, though not where that fails. */
export function isDecisive(operator: 'AND' | 'OR', right: BoundExpression): right is Decisive {
  return right.kind === 'literal' && right.value === (operator === 'OR');
}
