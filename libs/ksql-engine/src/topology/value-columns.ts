import type { BoundExpression } from '../analyze/bound-expression.js';

/** Value columns that somebody reads, by index; undefined: all of them. */
export type NeededColumns = ReadonlySet<number> | undefined;

/** Adds the value columns that the expressions read. */
export function withColumnsOf(needed: NeededColumns, expressions: readonly BoundExpression[]): NeededColumns {
  if (needed === undefined) return undefined;
  const columns = new Set(needed);
  for (const expression of expressions) collect(expression, columns);
  return columns;
}

export function columnsOf(expressions: readonly BoundExpression[]): NeededColumns {
  return withColumnsOf(new Set(), expressions);
}

/** A bound expression is plain data, so its nodes are found by looking at every object in it. */
function collect(node: unknown, columns: Set<number>): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) collect(item, columns);
    return;
  }
  if ('kind' in node && node.kind === 'valueColumn' && 'index' in node) columns.add(Number(node.index));
  for (const part of Object.values(node)) collect(part, columns);
}
