import type { BoundExpression } from '../../analyze/bound-expression.js';
import { visitExpression } from '../../analyze/rewrite-expression.js';
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
import { printExpression } from '../../syntax/print/expression.js';
import { formatType, quoteIdentifier } from '../../types/format-type.js';
import { compileExpression } from '../../expression/compile.js';
import { NO_RECORD } from '../no-record.js';
import type { EngineContext } from '../engine-context.js';
import type { PlannedStatement, PullExpression, ResultColumn } from '../planned-statement.js';
import { requireKeyLists, requirePullConditions } from './pull-conditions.js';
import { exactKeys, requireKeyAccess, type ConstantOf } from './pull-constraints.js';
import { qualify } from './query-planning.js';
import { recordPlaces } from './record-places.js';

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
  const scope = new NodeScope(source.schema, source.topic.window !== undefined);
  const binder = new Binder(context.functions, context.catalog.types);
  const columns = columnsOf(query, source, binder, scope);
  requireDistinctNames(columns);
  const queryId = materializingQuery(source, context);
  const where = query.where === undefined ? undefined : toNodeNames(query, query.where);
  if (where !== undefined) requireKeyTypes(where, source);
  const predicate = where === undefined ? undefined : binder.predicate(where, scope, 'WHERE');
  const constantOf = constants(context);
  if (source.kind === 'TABLE') {
    if (predicate !== undefined) requirePullConditions(predicate, source, constantOf);
    if (where !== undefined) requireKeyLists(where, source, (item) => binder.typed(item, scope), constantOf);
    requireAccess(predicate, source, context, constantOf);
  }
  return {
    kind: 'pullQuery',
    pull: {
      source,
      queryId,
      keys: exactKeys(predicate, source.schema.key.length, constantOf),
      predicate,
      columns,
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
      throw refuse(
        'LIMIT clause in pull queries is currently disabled. You can enable them by setting ksql.query.pull.limit.clause.enabled=true.',
      );
    }
    if (ast.limit < 0) throw unsupported('negative integers in the LIMIT clause');
  }
  const selected = query.items.flatMap((item) => (item.kind === 'expression' ? [item.expression] : []));
  const isOfTable = query.sources[0]?.source.kind === 'TABLE';
  if (isOfTable && selected.length > 0 && selected.length < query.items.length) {
    throw unsupported('a star beside other columns of a table');
  }
  if (selected.some((expression) => callsOf('aggregate', expression, functions).length > 0)) {
    throw unsupported('GROUP BY clauses');
  }
  if (selected.some((expression) => callsOf('table', expression, functions).length > 0)) {
    throw unsupported('table functions');
  }
}

/** Partition and offset belong to the records of a topic, not to the rows of a table. */
function requireReadableColumns({ items, where }: QualifiedQuery): void {
  const check = (clause: 'SELECT' | 'WHERE', expressions: readonly Expression[]): void => {
    const names = recordPlaces(expressions);
    if (names.length > 0) {
      throw new KsqlError(
        `Pull queries don't support the following columns in ${clause} clauses: ${names.map((name) => quoteIdentifier(name)).join(', ')}\n${HELP}`,
      );
    }
  };
  check(
    'SELECT',
    items.flatMap((item) => (item.kind === 'expression' ? [item.expression] : [])),
  );
  check('WHERE', where === undefined ? [] : [where]);
}

function requireDistinctNames(columns: readonly (ResultColumn | PullExpression)[]): void {
  const seen = new Set<string>();
  for (const { name, type } of columns) {
    if (seen.has(name)) {
      throw new KsqlError(`Duplicate value columns found in schema: ${quoteIdentifier(name)} ${formatType(type)}`);
    }
    seen.add(name);
  }
}

/** A lookup by a list of keys takes them as they are: no text stands for a number. */
function requireKeyTypes(where: Expression, { schema }: DataSource): void {
  visitExpression(where, (node) => {
    if (node.kind !== 'in' || node.operand.kind !== 'column') return;
    const { name } = node.operand;
    const key = schema.key.find((column) => column.name === name);
    if (key === undefined || key.type.kind === 'STRING') return;
    const text = node.items.find((item) => item.kind === 'string');
    if (text !== undefined) {
      throw new KsqlError(
        `${printExpression(text)} can not be converted to the type of the key column: ${name} ${formatType(key.type)} KEY`,
      );
    }
  });
}

/** Evaluates expressions that read no record. */
function constants({ functions, nowMs, random = () => 0, property }: EngineContext): ConstantOf {
  const functionContext = { nowMs: () => nowMs, random, property };
  return (expression) => {
    if (expression.kind === 'literal') return expression.value;
    if (readsRecord(expression)) return undefined;
    const evaluate = compileExpression(expression, functions, functionContext, { report: () => undefined });
    return evaluate(NO_RECORD);
  };
}

/** A bound expression is plain data: its column references are found by looking at every object in it. */
function readsRecord(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some(readsRecord);
  if ('kind' in node && typeof node.kind === 'string' && /Column$/.test(node.kind)) return true;
  return Object.values(node).some(readsRecord);
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

/** What may be read without a scan of the whole table, where scans are switched off. */
function requireAccess(
  predicate: BoundExpression | undefined,
  { schema }: DataSource,
  { property }: EngineContext,
  constantOf: ConstantOf,
): void {
  const isOff = (name: string): boolean => property(name)?.toLowerCase() === 'false';
  if (!isOff('ksql.query.pull.table.scan.enabled')) return;
  try {
    if (predicate === undefined) throw new KsqlError('Missing WHERE clause. ');
    requireKeyAccess(predicate, schema.key, !isOff('ksql.query.pull.range.scan.enabled'), constantOf);
  } catch (error) {
    if (!(error instanceof KsqlError)) throw error;
    throw new KsqlError(
      `${error.message}${HELP}\n` +
        'Pull queries require a WHERE clause that:\n' +
        ' - includes a key equality expression, e.g. `SELECT * FROM X WHERE <key-column> = Y;`.\n' +
        ' - in the case of a multi-column key, is a conjunction of equality expressions that cover all key columns.\n' +
        ' - to support range expressions, e.g.,  SELECT * FROM X WHERE <key-column> < Y;`, range scans need to be enabled by setting ksql.query.pull.range.scan.enabled=true\n' +
        'If more flexible queries are needed, , table scans can be enabled by setting ksql.query.pull.table.scan.enabled=true.',
      { cause: error },
    );
  }
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
