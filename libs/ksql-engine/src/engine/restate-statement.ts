import type { Effect } from '../command/command.js';
import type { LoggedQuery } from '../command/fold.js';
import type { Restate } from '../command/commands.js';
import { FactsAsked, lookup, withTopics, type WorldFacts } from '../facts/world-facts.js';
import { parseStatements } from '../syntax/parse.js';
import { controlEffect, CLUSTER_TERMINATED, TERMINATE_CLUSTER } from './control-effect.js';
import type { Planner } from './plan-statement.js';
import { effectOf } from './planned-effect.js';

const NOTHING = { sources: [], dropped: [], types: [], droppedTypes: [] };
const NO_FACTS = { topics: [], settings: {} };

/**
 * Plans the statements of a log that held text only, in their order. The topics that they made then are there or are missed by the query
 * that needs them; none is a reason to leave a statement out, and all those after it.
 */
export function restating(given: WorldFacts, plan: Planner, applicationId: (queryId: string) => string): Restate {
  let facts = given;
  return (record, state) => {
    const effect = (found: Effect) => ({ effect: found, facts: NO_FACTS });
    if (record.commandId === TERMINATE_CLUSTER) return effect(CLUSTER_TERMINATED);
    const [statement] = parseStatements(record.statement, new Map(Object.entries(record.variables)));
    const nothing: Effect = {
      kind: 'change',
      canonicalText: record.statement,
      message: '',
      catalog: NOTHING,
      ends: [],
      query: undefined,
    };
    if (statement === undefined) return effect(nothing);
    const queries: readonly LoggedQuery[] = [...state.queries.values()];
    if (statement.statement.kind === 'controlQuery') {
      const { queryId } = statement.statement;
      const ids = queryId === undefined ? [...state.queries.keys()] : [queryId];
      return effect(controlEffect(statement.statement, ids));
    }
    const properties = new Map(Object.entries(record.properties));
    const asked = new FactsAsked(facts, properties);
    const planned = plan(statement, {
      catalog: state.catalog,
      queries,
      topics: asked,
      property: (name) => asked.property(name),
      nextQueryNumber: state.lastSequenceNumber + 1,
      nowMs: facts.nowMs,
      functions: facts.functions,
      assumesTopics: true,
    });
    if (planned.kind !== 'catalogChange' && planned.kind !== 'persistentQuery') return effect(nothing);
    facts = withTopics(facts, planned.topicsToCreate);
    const property = (name: string) => lookup(properties, given.config, name);
    return { effect: effectOf(planned, state, property, applicationId), facts: asked.used };
  };
}
