import type { QualifiedQuery } from '../../analyze/query/qualified-query.js';
import { PLAN_VERSION, type QueryPlan } from '../../plan/nodes.js';
import type { QueryStatement } from '../../syntax/ast/statement.js';
import type { EngineContext } from '../engine-context.js';
import type { PlannedStatement } from '../planned-statement.js';
import { build, qualify } from './query-planning.js';

/** SELECT … EMIT CHANGES or EMIT FINAL: a query that lives as long as its client listens. */
export function planPushQuery({ query: ast }: QueryStatement, context: EngineContext): PlannedStatement {
  const query = qualify(ast, context);
  const built = build(query, undefined, context);
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
  };
}

const firstSource = ({ sources }: QualifiedQuery): string => sources[0]?.source.name ?? '';
