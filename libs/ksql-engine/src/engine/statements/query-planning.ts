import type { QualifiedQuery } from '../../analyze/query/qualified-query.js';
import { qualifyQuery } from '../../analyze/query/qualify-query.js';
import { Binder } from '../../plan/binder.js';
import { buildQuery, type BuiltQuery } from '../../plan/build-query.js';
import type { Query } from '../../syntax/ast/statement.js';
import type { EngineContext } from '../engine-context.js';

/** Settles the names of a query against the present catalog. */
export function qualify(query: Query, context: EngineContext): QualifiedQuery {
  return qualifyQuery(query, context);
}

/** Builds the plan of a query up to its projection; `sinkName` is undefined for a transient one. */
export function build(query: QualifiedQuery, sinkName: string | undefined, context: EngineContext): BuiltQuery {
  return buildQuery({
    query,
    binder: new Binder(context.functions, context.catalog.types),
    property: context.property,
    partitionsOf: (topic) => context.topics.describe(topic)?.partitions,
    isPersistent: sinkName !== undefined,
    sinkName,
  });
}
