import type { QualifiedQuery } from '../analyze/query/qualified-query.js';
import { visitExpression } from '../analyze/rewrite-expression.js';
import { PSEUDO_COLUMNS, WINDOW_BOUNDS } from '../catalog/schema.js';
import type { Expression } from '../syntax/ast/expression.js';

/** Per alias the columns (system columns too) that a joining query reads: nothing else is carried through its joins. */
export function neededColumns(query: QualifiedQuery): ReadonlyMap<string, ReadonlySet<string>> {
  const needed = new Map(query.sources.map(({ alias }) => [alias, new Set<string>()]));
  const scan = (expression: Expression | undefined): void => {
    if (expression === undefined) return;
    visitExpression(expression, (node) => {
      if (node.kind === 'qualifiedColumn') needed.get(node.source)?.add(node.name);
    });
  };
  for (const { alias, source } of query.sources) {
    const isWhole = query.items.some((item) => item.kind === 'all' && (item.source ?? alias) === alias);
    if (!isWhole) continue;
    const columns = needed.get(alias);
    for (const column of [...source.schema.key, ...source.schema.value]) columns?.add(column.name);
    if (source.topic.window !== undefined) for (const name of WINDOW_BOUNDS) columns?.add(name);
    // After PARTITION BY a star means every column that the records carry.
    if (query.partitionBy !== undefined) for (const name of PSEUDO_COLUMNS) columns?.add(name);
  }
  for (const item of query.items) if (item.kind === 'expression') scan(item.expression);
  for (const join of query.joins) scan(join.on);
  scan(query.where);
  query.groupBy?.forEach(scan);
  query.partitionBy?.forEach(scan);
  scan(query.having);
  return needed;
}
