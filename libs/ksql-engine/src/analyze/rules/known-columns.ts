import { isWindowBound } from '../../catalog/system-columns.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { Expression } from '../../syntax/ast/expression.js';
import { locationPrefix } from '../location.js';
import type { QualifiedQuery } from '../query/qualified-query.js';
import { sourceColumn } from '../query/source-columns.js';
import { visitExpression } from '../rewrite-expression.js';

type Clause = 'SELECT' | 'WHERE' | 'GROUP BY' | 'PARTITION BY' | 'HAVING' | 'JOIN ON';

/** Every column reference is known: to a source, as the window bounds of the aggregation, or as a synthetic join key. */
export function requireKnownColumns(query: QualifiedQuery, syntheticKeys: ReadonlySet<string>): void {
  const check = (clause: Clause, expression: Expression): void => {
    visitExpression(expression, (node, bound) => {
      if (node.kind === 'column') {
        if (bound.has(node.name) || syntheticKeys.has(node.name)) return;
        if (isWindowBound(node.name) && (query.window !== undefined ? query.joins.length === 0 : clause === 'SELECT')) {
          return;
        }
        throw unresolved(clause, node.name, node.location);
      }
      if (node.kind === 'qualifiedColumn') {
        const use = query.sources.find(({ alias }) => alias === node.source);
        if (use !== undefined && sourceColumn(use.source, node.name) === undefined) {
          throw unresolved(clause, `${node.source}.${node.name}`, node.location);
        }
      }
    });
  };
  for (const join of query.joins) check('JOIN ON', join.on);
  for (const item of query.items) if (item.kind === 'expression') check('SELECT', item.expression);
  if (query.where !== undefined) check('WHERE', query.where);
  for (const expression of query.groupBy ?? []) check('GROUP BY', expression);
  for (const expression of query.partitionBy ?? []) check('PARTITION BY', expression);
  if (query.having !== undefined) check('HAVING', query.having);
}

function unresolved(clause: Clause, name: string, location: Expression['location']): KsqlError {
  const hint =
    clause === 'PARTITION BY' || clause === 'GROUP BY'
      ? ` '${name}' must be a column in the source schema since ${clause} is applied on the input.`
      : '';
  return new KsqlError(`${locationPrefix(location)}${clause} column '${name}' cannot be resolved.${hint}`);
}
