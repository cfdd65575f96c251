import { visitExpression } from '../../analyze/rewrite-expression.js';
import type { Expression } from '../../syntax/ast/expression.js';

const PLACES: ReadonlySet<string> = new Set(['ROWPARTITION', 'ROWOFFSET']);

/** Which of the places of a record in its topic the expressions name: rows that come from elsewhere have none. */
export function recordPlaces(expressions: readonly Expression[]): readonly string[] {
  const names = new Set<string>();
  for (const expression of expressions) {
    visitExpression(expression, (node) => {
      if (node.kind !== 'column' && node.kind !== 'qualifiedColumn') return;
      if (PLACES.has(node.name)) names.add(node.name);
    });
  }
  return [...names];
}
