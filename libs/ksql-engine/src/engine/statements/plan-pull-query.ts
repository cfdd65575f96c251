import type { QualifiedQuery } from '../../analyze/query/qualified-query.js';
import { requireKnownColumns } from '../../analyze/rules/known-columns.js';
import type { DataSource } from '../../catalog/data-source.js';
import { isWindowBound } from '../../catalog/system-columns.js';
import { WINDOW_BOUNDS } from '../../catalog/schema.js';
import { KsqlError } from '../../errors/sql-error.js';
import { Binder } from '../../plan/binder.js';
import { callsOf } from '../../plan/function-calls.js';
import { NodeScope } from '../../plan/node-scope.js';
import { toNodeNames } from '../../plan/query-context.js';
import type { Expression } from '../../syntax/ast/expression.js';
import type { Query, QueryStatement } from '../../syntax/ast/statement.js';
import { quoteIdentifier } from '../../types/format-type.js';
import type { EngineContext } from '../engine-context.js';
import type { PlannedStatement, PullExpression, ResultColumn } from '../planned-statement.js';
import { exactKeys } from './pull-constraints.js';
import { qualify } from './query-planning.js';

const HELP = ' See https://cnfl.io/queries for more info.\nAdd EMIT CHANGES if you intended to issue a push query.';
const refuse = (reason: string): KsqlError => new KsqlError(`${reason}${HELP}`);

/** SELECT without EMIT: the present rows of a materialised table, or what a stream's topic holds. */
export function planPullQuery({ query: ast }: QueryStatement, context: EngineContext): PlannedStatement {
  const query = qualify(ast, context);
  requireShape(ast, query, context);
  const use = query.sources[0];
  if (use === undefined) throw new KsqlError('A pull query needs a source');
  const { source } = use;
  requireKnownColumns(query, new Set());
  requireReadableColumns(query);
  const queryId = materializingQuery(source, context);
  const isWindowed = source.topic.window !== undefined;
  const scope = new NodeScope(source.schema, isWindowed);
  const binder = new Binder(context.functions, context.catalog.types);
  const predicate =
    query.where === undefined ? undefined : binder.predicate(toNodeNames(query, query.where), scope, 'WHERE');
  const keys = exactKeys(predicate, source.schema.key.length);
  if (keys === undefined && source.kind === 'TABLE') requireScans(query, context);
  return {
    kind: 'pullQuery',
    pull: {
      source,
      queryId,
      keys,
      predicate,
      columns: columnsOf(query, source, binder, scope),
      schema: source.schema,
      limit: ast.limit,
    },
  };
}

function requireShape(ast: Query, query: QualifiedQuery, { functions, property }: EngineContext): void {
  const unsupported = (what: string): KsqlError => refuse(`Pull queries don't support ${what}.`);
  if (property('ksql.pull.queries.enable')?.toLowerCase() === 'false') {
    throw new KsqlError(
      'Pull queries are disabled. Please set ksql.pull.queries.enable=true to enable this feature.\nAdd EMIT CHANGES if you intended to issue a push query.',
    );
  }
  if (query.joins.length > 0) throw unsupported('JOIN clauses');
  if (query.window !== undefined) throw unsupported('WINDOW clauses');
  if (query.groupBy !== undefined) throw unsupported('GROUP BY clauses');
  if (query.partitionBy !== undefined) throw unsupported('PARTITION BY clauses');
  if (query.having !== undefined) throw unsupported('HAVING clauses');
  if (ast.limit !== undefined) {
    if (property('ksql.query.pull.limit.clause.enabled')?.toLowerCase() === 'false') {
      throw unsupported('LIMIT clauses');
    }
    if (ast.limit < 0) throw unsupported('negative integers in the LIMIT clause');
  }
  const selected = query.items.flatMap((item) => (item.kind === 'expression' ? [item.expression] : []));
  if (selected.some((expression) => callsOf('aggregate', expression, functions).length > 0)) {
    throw unsupported('GROUP BY clauses');
  }
  if (selected.some((expression) => callsOf('table', expression, functions).length > 0)) {
    throw unsupported('table functions');
  }
}

/** Partition and offset belong to the records of a topic, not to the rows of a table. */
function requireReadableColumns(query: QualifiedQuery): void {
  const names = (expressions: readonly Expression[]): readonly string[] =>
    expressions.flatMap((expression) =>
      (expression.kind === 'column' || expression.kind === 'qualifiedColumn') &&
      (expression.name === 'ROWPARTITION' || expression.name === 'ROWOFFSET')
        ? [quoteIdentifier(expression.name)]
        : [],
    );
  const selected = names(query.items.flatMap((item) => (item.kind === 'expression' ? [item.expression] : [])));
  if (selected.length > 0) {
    throw new KsqlError(
      `Pull queries don't support the following columns in SELECT clauses: ${selected.join(', ')}\n${HELP}`,
    );
  }
}

/** The query whose result is read; undefined for a scan of a stream's topic. */
function materializingQuery(source: DataSource, { queries, property }: EngineContext): string | undefined {
  if (source.kind === 'STREAM') {
    if (property('ksql.query.pull.stream.enabled')?.toLowerCase() === 'false') {
      throw refuse(
        "Pull queries on streams are disabled. To create a push query on the stream, add EMIT CHANGES to the end. To enable pull queries on streams, set the ksql.query.pull.stream.enabled config to 'true'.",
      );
    }
    return undefined;
  }
  const writers = queries.filter(
    ({ kind, sinkName, plan }) =>
      (kind !== 'CREATE_SOURCE' && sinkName === source.name) ||
      (kind === 'CREATE_SOURCE' && plan.sourceNames.includes(source.name)),
  );
  const [writer, ...others] = writers;
  if (writer === undefined) {
    const name = quoteIdentifier(source.name);
    throw refuse(
      `The ${name} table isn't queryable. To derive a queryable table, you can do 'CREATE TABLE QUERYABLE_${source.name} AS SELECT * FROM ${source.name}'.`,
    );
  }
  if (others.length > 0) {
    throw refuse(`The ${quoteIdentifier(source.name)} table isn't queryable: multiple queries write into it.`);
  }
  return writer.queryId;
}

function requireScans({ where }: QualifiedQuery, { property }: EngineContext): void {
  if (property('ksql.query.pull.table.scan.enabled')?.toLowerCase() !== 'false') return;
  throw new KsqlError(
    `${where === undefined ? 'Missing WHERE clause. ' : 'WHERE clause missing key column for disjunct.'} See https://cnfl.io/queries for more info.\nAdd EMIT CHANGES if you intended to issue a push query.\n` +
      'Pull queries require a WHERE clause that:\n' +
      ' - includes a key equality expression, e.g. `SELECT * FROM X WHERE <key-column> = Y;`.\n' +
      ' - in the case of a multi-column key, is a conjunction of equality expressions that cover all key columns.\n' +
      ' - to support range expressions, e.g.,  SELECT * FROM X WHERE <key-column> < Y;`, range scans need to be enabled by setting ksql.query.pull.range.scan.enabled=true\n' +
      'If more flexible queries are needed, , table scans can be enabled by setting ksql.query.pull.table.scan.enabled=true.',
  );
}

function columnsOf(
  query: QualifiedQuery,
  source: DataSource,
  binder: Binder,
  scope: NodeScope,
): readonly (ResultColumn | PullExpression)[] {
  return query.items.flatMap((item): readonly (ResultColumn | PullExpression)[] => {
    const names = item.kind === 'all' ? starOf(source) : undefined;
    const selected =
      names?.map((name) => ({ name, expression: { kind: 'column', name } as Expression })) ??
      (item.kind === 'expression' ? [{ name: item.name, expression: toNodeNames(query, item.expression) }] : []);
    return selected.map(({ name, expression }) => resultColumn(name, expression, binder, scope));
  });
}

function starOf({ schema, topic }: DataSource): readonly string[] {
  const bounds = topic.window === undefined ? [] : WINDOW_BOUNDS;
  return [...schema.key.map(({ name }) => name), ...bounds, ...schema.value.map(({ name }) => name)];
}

function resultColumn(
  name: string,
  expression: Expression,
  binder: Binder,
  scope: NodeScope,
): ResultColumn | PullExpression {
  const bound = binder.typed(expression, scope);
  const common = { name, type: bound.type };
  switch (bound.kind) {
    case 'keyColumn':
      return { ...common, place: { part: 'key', index: bound.index }, isKey: true };
    case 'valueColumn':
      return { ...common, place: { part: 'value', index: bound.index }, isKey: false };
    case 'pseudoColumn':
      if (isWindowBound(bound.name)) {
        return { ...common, place: { part: bound.name === 'WINDOWSTART' ? 'windowStart' : 'windowEnd' }, isKey: true };
      }
      return { ...common, place: { part: 'rowtime' }, isKey: false };
    default:
      return { ...common, expression: bound, isKey: false };
  }
}
