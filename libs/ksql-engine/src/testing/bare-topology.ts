import { EMPTY_CATALOG, type Catalog } from '../catalog/catalog.js';
import { planStatement } from '../engine/plan-statement.js';
import { createFunctionRegistry } from '../functions/registry.js';
import type { QueryPlan } from '../plan/nodes.js';
import type { RecordColumns } from '../ports/record-columns.js';
import type { StoreFactory } from '../state/store-factory.js';
import { parseStatements } from '../syntax/parse.js';
import { buildTopology } from '../topology/build-topology.js';
import type { Topology } from '../topology/topology.js';

const functions = createFunctionRegistry();

/** The plan of the last query of a script. @throws when the script makes none */
export function planOf(script: string): QueryPlan {
  let catalog: Catalog = EMPTY_CATALOG;
  let plan: QueryPlan | undefined;
  for (const statement of parseStatements(script)) {
    const planned = planStatement(statement, {
      catalog,
      topics: { describe: () => ({ partitions: 1, replicas: 1 }) },
      property: () => undefined,
      nextQueryNumber: 0,
      nowMs: 0,
      queries: [],
      functions,
      assumesTopics: true,
    });
    if (planned.kind === 'catalogChange' || planned.kind === 'persistentQuery') catalog = planned.catalog;
    if (planned.kind === 'persistentQuery') plan = planned.plan;
  }
  if (plan === undefined) throw new Error('the script makes no query');
  return plan;
}

/** A topology without properties, clock or log, for specs that push records and look at stores. */
export const bareTopology = (
  plan: QueryPlan,
  onSink: (records: RecordColumns) => void = () => undefined,
  stores?: StoreFactory,
): Topology =>
  buildTopology(plan, {
    stores,
    functions,
    functionContext: { nowMs: () => 0, random: () => 0, property: () => undefined },
    log: { append: () => undefined },
    property: () => undefined,
    onSink,
    onRows: () => undefined,
  });
