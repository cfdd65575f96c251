import type { Catalog } from '../catalog/catalog.js';
import type { ExistingQuery, PlannedStatement } from './planned-statement.js';

/** What later statements are planned against. */
export interface PlanningState {
  readonly catalog: Catalog;
  readonly queries: readonly ExistingQuery[];
}

/** The state after a planned statement took effect; the same state for statements that change nothing. */
export function applyPlanned(state: PlanningState, planned: PlannedStatement): PlanningState {
  if (planned.kind === 'catalogChange') {
    if (planned.isWarning) return state;
    const left = state.queries.filter(({ queryId }) => !planned.terminatedQueryIds.includes(queryId));
    const { catalog, query } = planned;
    if (query === undefined) return { catalog, queries: left };
    const started: ExistingQuery = { queryId: query.queryId, kind: 'CREATE_SOURCE', sinkName: undefined, plan: query };
    return { catalog, queries: [...left, started] };
  }
  if (planned.kind === 'persistentQuery') {
    if (planned.isWarning) return state;
    const { catalog, plan, queryKind, entityName, replacesQueryId } = planned;
    const left = state.queries.filter(({ queryId }) => queryId !== replacesQueryId);
    return { catalog, queries: [...left, { queryId: plan.queryId, kind: queryKind, sinkName: entityName, plan }] };
  }
  return state;
}
