import type { FunctionContext, FunctionRegistry } from '../functions/function.js';
import type { Output } from '../operators/operator.js';
import type { SharedDecodes } from '../operators/source/shared-decodes.js';
import type { PlanSink, QueryPlan } from '../plan/nodes.js';
import type { ProcessingLog } from '../ports/ports.js';
import type { RecordColumns } from '../ports/record-columns.js';
import type { SchemaTable } from '../serde/schema-table.js';
import type { StoreFactory } from '../state/store-factory.js';
import { buildNode } from './node-handlers.js';
import type { QueryCode } from './query-code.js';
import { QueryBuild } from './query-build.js';
import { buildSink } from './sink-handlers.js';
import { ResultStore } from './topology-stores.js';
import type { ResultRow, Topology } from './topology.js';

export interface TopologyDependencies {
  readonly functions: FunctionRegistry;
  readonly functionContext: FunctionContext;
  readonly log: ProcessingLog;
  /** Server configuration overlaid with the query's properties. */
  readonly property: (name: string) => string | undefined;
  /** Records for the sink topic, in order. */
  readonly onSink: (records: RecordColumns) => void;
  /** Result rows of a transient query, in order. */
  readonly onRows: (rows: readonly ResultRow[]) => void;
  /** Whether stores remember their changes for `takeChanges`; true unless nobody will ever ask. */
  readonly trackChanges?: boolean;
  /** What is compiled for other topologies of the same plan too; they have these same dependencies. */
  readonly code?: QueryCode;
  /** What is decoded for other queries too; each decodes for itself when not told. */
  readonly decodes?: SharedDecodes | undefined;
  /** Where stores keep their rows; in memory when not told. */
  readonly stores?: StoreFactory | undefined;
  /** Schemas of all ids that records bear which are pushed; none when not told. */
  readonly schemas?: SchemaTable | undefined;
}

/** Wires the operators of a plan, from the sink up to the sources. */
export function buildTopology(plan: QueryPlan, dependencies: TopologyDependencies): Topology {
  const build = new QueryBuild(plan, dependencies);
  const sink = buildSink(plan, build);
  const output: Output = (batch) => sink.process(batch, 0);
  const view = buildNode(plan.root, build, {
    output,
    needsOldValues: false,
    needsView: plan.resultKind === 'TABLE' && keepsRows(plan.sink),
    columns: undefined,
  });
  return {
    sources: build.sources,
    stores: build.stores,
    resultStore: view && new ResultStore(view),
    hasStreamTime: build.times.count > 0,
    rowsOfRecordMax: () => build.fanOuts.reduce((product, fanOut) => product * Math.max(1, fanOut()), 1),
    snapshot: () => build.times.snapshot(),
    restoreSnapshot: (text) => build.times.restore(text),
  };
}

function keepsRows(sink: PlanSink): boolean {
  return sink.kind !== 'transient';
}
