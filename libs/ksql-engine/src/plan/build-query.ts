import type { QualifiedQuery } from '../analyze/query/qualified-query.js';
import type { SourceUse } from '../analyze/query/qualified-query.js';
import { requireKnownColumns } from '../analyze/rules/known-columns.js';
import type { WindowInfo } from '../catalog/data-source.js';
import type { Schema } from '../catalog/schema.js';
import { isSystemColumn, isWindowBound } from '../catalog/system-columns.js';
import { KsqlError } from '../errors/sql-error.js';
import type { Expression } from '../syntax/ast/expression.js';
import { printExpression } from '../syntax/print/expression.js';
import { locationPrefix } from '../analyze/location.js';
import { buildAggregate } from './build-aggregate.js';
import { buildFlatMap } from './build-flat-map.js';
import { buildJoins } from './build-join.js';
import { buildPartitionBy } from './build-partition-by.js';
import { buildSinkProjection, buildTransientProjection, type ProjectedColumn } from './build-projection.js';
import { buildSource } from './build-source.js';
import { quoteIdentifier } from '../types/format-type.js';
import { callsOf } from './function-calls.js';
import { NodeScope } from './node-scope.js';
import type { InternalTopic, ProjectNode, WindowSpec } from './nodes.js';
import { isJoin, toNodeNames, type QueryContext } from './query-context.js';
import { selectItems, type SelectedItem } from './select-items.js';
import type { Stage } from './stage.js';
import { syntheticKeyName } from './synthetic-key.js';

/** A query up to its last projection, without its sink. */
export interface BuiltQuery {
  readonly root: ProjectNode;
  readonly schema: Schema;
  readonly resultKind: 'STREAM' | 'TABLE';
  readonly window: WindowInfo | undefined;
  readonly windowSpec: WindowSpec | undefined;
  readonly columns: readonly ProjectedColumn[];
  /** Names of the columns of a transient answer that are key columns. */
  readonly keyItems: readonly string[];
  readonly internalTopics: readonly InternalTopic[];
}

/** source → joins → WHERE → table functions → GROUP BY, aggregates, HAVING (or PARTITION BY) → SELECT. */
export function buildQuery(context: QueryContext): BuiltQuery {
  const { query } = context;
  requireShape(context);
  if (context.isPersistent) requireUnreservedNames(query);
  requireKnownColumns(query, new Set(isJoin(query) ? [syntheticKeyName(query)] : []));

  let stage = isJoin(query) ? buildJoins(context) : buildSource(query.sources[0] as SourceUse, 'KsqlTopic');
  requireSyntheticKeyUse(context, stage);
  if (query.where !== undefined) stage = filtered(context, stage, toNodeNames(query, query.where), 'WHERE');
  const isAggregate = query.groupBy !== undefined || aggregates(query, context).length > 0;
  if (isAggregate) {
    const { stage: aggregated, items, windowSpec } = buildAggregate(context, stage, selectItems(query, stage, false));
    return project(context, aggregated, items, windowSpec);
  }
  if (query.having !== undefined) stage = filtered(context, stage, toNodeNames(query, query.having), 'HAVING');
  if (query.partitionBy !== undefined) stage = buildPartitionBy(context, stage, query.partitionBy);
  const items = selectItems(query, stage, !context.isPersistent).map((item) => overPartitionKey(context, stage, item));
  const flat = buildFlatMap(context, stage, items);
  return project(context, flat.stage, flat.items, undefined);
}

/** WHERE, and a HAVING without GROUP BY, which is no more than another condition. */
function filtered({ binder }: QueryContext, stage: Stage, condition: Expression, clause: 'WHERE' | 'HAVING'): Stage {
  const { node, isTable } = stage;
  const predicate = binder.predicate(condition, new NodeScope(node.schema, stage.window !== undefined), clause);
  const id = clause === 'WHERE' ? 'WhereFilter' : 'HavingFilter';
  return { ...stage, node: { kind: 'filter', id, schema: node.schema, input: node, isTable, predicate, clause } };
}

function project(
  context: QueryContext,
  stage: Stage,
  items: readonly SelectedItem[],
  windowSpec: WindowSpec | undefined,
): BuiltQuery {
  const build = context.isPersistent ? buildSinkProjection : buildTransientProjection;
  const { node, columns, keyItems } = build(context, stage, items);
  return {
    root: node,
    schema: node.schema,
    resultKind: stage.isTable ? 'TABLE' : 'STREAM',
    window: stage.window,
    windowSpec,
    columns,
    keyItems,
    internalTopics: stage.internalTopics,
  };
}

function aggregates(query: QualifiedQuery, { binder }: QueryContext) {
  return [
    ...query.items.map((item) => (item.kind === 'expression' ? item.expression : undefined)),
    query.having,
  ].flatMap((expression) => callsOf('aggregate', expression, binder.functions));
}

/** Clauses that exclude or need each other. */
function requireShape(context: QueryContext): void {
  const { query } = context;
  if (query.groupBy !== undefined && query.partitionBy !== undefined) {
    throw new KsqlError('Queries only support one of PARTITION BY and GROUP BY');
  }
  if (query.emit === 'FINAL' && query.window === undefined) {
    throw new KsqlError('EMIT FINAL is only supported for windowed aggregations.');
  }
  if (query.window !== undefined && query.groupBy === undefined) {
    throw new KsqlError(`${locationPrefix(query.window.location)}WINDOW clause requires a GROUP BY clause.`);
  }
  if (query.groupBy === undefined && context.isPersistent) {
    const calls = aggregates(query, context);
    if (calls.length > 0) {
      const texts = calls.map((call) => (call.args.length === 0 ? `${call.name}(ROWTIME)` : printExpression(call)));
      throw new KsqlError(
        `CREATE TABLE AS SELECT statement does not support aggregate ${texts.length === 1 ? 'function' : 'functions'} [${texts.join(', ')}] without a GROUP BY clause.`,
      );
    }
  }
  if (context.isPersistent) {
    for (const { source } of query.sources) {
      if (source.kind === 'TABLE' && source.topic.window !== undefined) {
        throw new KsqlError('KSQL does not support persistent queries on windowed tables.');
      }
    }
  }
}

/** Columns of the record itself need a name of their own in a sink; only the bounds of its windows go without saying. */
function requireUnreservedNames(query: QualifiedQuery): void {
  const isWindowed =
    query.window !== undefined || query.sources.some(({ source }) => source.topic.window !== undefined);
  for (const item of query.items) {
    if (item.kind !== 'expression' || !isSystemColumn(item.name)) continue;
    if (isWindowBound(item.name) && isWindowed && !isJoin(query)) continue;
    throw new KsqlError(
      `Reserved column name in select: ${quoteIdentifier(item.name)}. Please remove or alias the column.`,
    );
  }
}

/** A synthetic key is only there to be selected when the join made one. */
function requireSyntheticKeyUse({ query }: QueryContext, stage: Stage): void {
  if (!isJoin(query) || stage.keyOrigin === 'syntheticJoin') return;
  requireKnownColumns(query, new Set());
}

/** After PARTITION BY an expression in the select list that equals a partitioning expression is the key itself. */
function overPartitionKey({ query }: QueryContext, stage: Stage, item: SelectedItem): SelectedItem {
  if (stage.keyOrigin !== 'partitioning' || query.partitionBy === undefined) return item;
  const text = printExpression(item.qualified);
  const index = query.partitionBy.findIndex((expression) => printExpression(expression) === text);
  const name = stage.node.schema.key[index]?.name;
  return name === undefined ? item : { ...item, expression: { kind: 'column', name } };
}
