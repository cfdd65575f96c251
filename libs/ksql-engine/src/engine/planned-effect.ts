import { changeBetween } from '../catalog/catalog-change.js';
import type { Effect, NewQuery } from '../command/command.js';
import type { CommandState } from '../command/fold.js';
import type { PlannedStatement } from './planned-statement.js';
import { resultSettings } from './result-settings.js';

export type PlannedChange = Extract<PlannedStatement, { kind: 'catalogChange' | 'persistentQuery' }>;

/**
 * What a planned statement does, as the command topic holds it.
 *
 * @param before what it was planned against
 * @param property the settings of the day
 * @param applicationId that of a new query
 */
export function effectOf(
  planned: PlannedChange,
  before: Pick<CommandState, 'catalog' | 'queries'>,
  property: (name: string) => string | undefined,
  applicationId: (queryId: string) => string,
): Effect {
  return {
    kind: 'change',
    canonicalText: planned.canonicalText,
    message: planned.message,
    catalog: changeBetween(before.catalog, planned.catalog),
    ends: planned.kind === 'catalogChange' ? planned.terminatedQueryIds : [],
    query: newQuery(planned, before.queries, property, applicationId),
  };
}

function newQuery(
  planned: PlannedChange,
  queries: CommandState['queries'],
  property: (name: string) => string | undefined,
  applicationId: (queryId: string) => string,
): NewQuery | undefined {
  const isStatementsOwn = planned.kind === 'persistentQuery';
  const plan = isStatementsOwn ? planned.plan : planned.query;
  if (plan === undefined) return undefined;
  // With its state it takes the name under which that is kept, whatever a new query would be called today.
  const replaced = isStatementsOwn ? queries.get(planned.replacesQueryId ?? '') : undefined;
  return {
    queryId: plan.queryId,
    applicationId: replaced?.applicationId ?? applicationId(plan.queryId),
    kind: isStatementsOwn ? planned.queryKind : 'CREATE_SOURCE',
    sinkName: isStatementsOwn ? planned.entityName : undefined,
    replaces: isStatementsOwn && planned.replacesQueryId !== undefined,
    sourceNames: plan.sourceNames,
    settings: resultSettings(property),
    plan,
  };
}

export function commandIdOf(planned: PlannedChange): string {
  if (planned.kind === 'persistentQuery') return `${planned.entityType}/\`${planned.entityName}\`/create`;
  const action = {
    create: 'create',
    drop: 'drop',
    alter: 'alter',
    createType: 'create',
    dropType: 'drop',
    nothing: 'drop',
  }[planned.action];
  const name =
    planned.entityType === 'type' || planned.action !== 'create' ? planned.entityName : `\`${planned.entityName}\``;
  return `${planned.entityType}/${name}/${action}`;
}
