import { expressionKey } from '../analyze/rewrite-expression.js';
import { KsqlError } from '../errors/sql-error.js';
import type { Expression } from '../syntax/ast/expression.js';
import { printExpression } from '../syntax/print/expression.js';
import type { QualifiedQuery } from '../analyze/query/qualified-query.js';

/**
 * The name of a key column that an expression of GROUP BY or PARTITION BY makes: a column's or a struct field's own name, else
 * the next free KSQL_COL_n that neither the sources nor the select list use.
 */
export function keyExpressionNames(query: QualifiedQuery, expressions: readonly Expression[]): readonly string[] {
  const taken = new Set<string>([
    ...query.sources.flatMap(({ source }) => [...source.schema.key, ...source.schema.value].map(({ name }) => name)),
    ...query.items.flatMap((item) => (item.kind === 'expression' ? [item.name] : [])),
  ]);
  const used = new Set<string>();
  let next = 0;
  return expressions.map((expression) => {
    const own = ownName(expression);
    if (own !== undefined && !used.has(own)) {
      used.add(own);
      return own;
    }
    for (;;) {
      const name = `KSQL_COL_${next}`;
      next += 1;
      if (!taken.has(name)) return name;
    }
  });
}

function ownName(expression: Expression): string | undefined {
  if (expression.kind === 'column') return expression.name;
  return expression.kind === 'dereference' ? expression.field : undefined;
}

/** Each expression makes a key column of its own, so none may be there twice. @throws KsqlError naming the one that is */
export function requireDistinct(clause: 'GROUP BY' | 'PARTITION BY', expressions: readonly Expression[]): void {
  const seen = new Set<string>();
  for (const expression of expressions) {
    const key = expressionKey(expression);
    if (seen.has(key)) throw new KsqlError(`Duplicate ${clause} expression: ${printExpression(expression)}`);
    seen.add(key);
  }
}
