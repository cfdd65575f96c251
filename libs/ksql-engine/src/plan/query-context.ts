import type { QualifiedQuery } from '../analyze/query/qualified-query.js';
import { rewriteExpression } from '../analyze/rewrite-expression.js';
import type { Expression } from '../syntax/ast/expression.js';
import type { Binder } from './binder.js';

/** What every step of building one query's plan needs to know. */
export interface QueryContext {
  readonly query: QualifiedQuery;
  readonly binder: Binder;
  readonly property: (name: string) => string | undefined;
  readonly partitionsOf: (topic: string) => number | undefined;
  /** False for a transient query, which needs no key in its projection and may read windowed tables. */
  readonly isPersistent: boolean;
  readonly sinkName: string | undefined;
}

export const isJoin = (query: QualifiedQuery): boolean => query.joins.length > 0;

/** The name of a source's column in the plan: joins put the alias before it. */
export function nodeName(query: QualifiedQuery, alias: string, column: string): string {
  return isJoin(query) ? `${alias}_${column}` : column;
}

/** Qualified references become the names that plan nodes use. */
export function toNodeNames(query: QualifiedQuery, root: Expression): Expression {
  return rewriteExpression(root, (expression) =>
    expression.kind === 'qualifiedColumn'
      ? { kind: 'column', name: nodeName(query, expression.source, expression.name), location: expression.location }
      : undefined,
  );
}
