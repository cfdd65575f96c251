import type { QualifiedQuery } from '../../analyze/query/qualified-query.js';
import { PLAN_VERSION, type QueryPlan } from '../../plan/nodes.js';
import type { Query, QueryStatement } from '../../syntax/ast/statement.js';
import type { EngineContext } from '../engine-context.js';
import type { PlannedStatement } from '../planned-statement.js';
import { withExpressionText } from './expression-failure.js';
import { build, qualify } from './query-planning.js';
import { recordPlaces } from './record-places.js';

/** SELECT … EMIT CHANGES or EMIT FINAL: a query that lives as long as its client listens. */
export function planPushQuery({ query: ast }: QueryStatement, context: EngineContext): PlannedStatement {
  const query = qualify(ast, context);
  const built = withExpressionText('push', () => build(query, undefined, context));
  const plan: QueryPlan = {
    version: PLAN_VERSION,
    queryId: `transient_${firstSource(query)}_${context.nextQueryNumber}`,
    root: built.root,
    resultKind: built.resultKind,
    resultWindow: built.windowSpec,
    sink: { kind: 'transient', limit: ast.limit },
    sourceNames: query.sources.map(({ source }) => source.name),
    internalTopics: built.internalTopics,
  };
  const keyNames = new Set(built.keyItems);
  return {
    kind: 'pushQuery',
    plan,
    columns: built.columns.map(({ name, type, place }) => ({ name, type, place, isKey: keyNames.has(name) })),
    limit: ast.limit,
    tappedQueryId: tappedQuery(ast, query, context),
  };
}

/**
 * The running query whose results are passed on as they are committed, where `ksql.query.push.v2.enabled` allows that: a plain SELECT,
 * from now on, over what exactly one query writes. Undefined: the source's topic is read.
 */
function tappedQuery(
  ast: Query,
  { sources, items, where }: QualifiedQuery,
  context: EngineContext,
): string | undefined {
  const { property, queries } = context;
  if (property('ksql.query.push.v2.enabled')?.toLowerCase() !== 'true') return undefined;
  if ((property('auto.offset.reset') ?? 'latest') !== 'latest') return undefined;
  const { groupBy, partitionBy, window, having } = ast;
  if (sources.length > 1 || groupBy || partitionBy || window || having) return undefined;
  const selected = items.flatMap((item) => (item.kind === 'expression' ? [item.expression] : []));
  if (recordPlaces(where ? [...selected, where] : selected).length > 0) return undefined;
  const [writer, ...others] = queries.filter(({ sinkName }) => sinkName === sources[0]?.source.name);
  return others.length === 0 ? writer?.queryId : undefined;
}

const firstSource = ({ sources }: QualifiedQuery): string => sources[0]?.source.name ?? '';
