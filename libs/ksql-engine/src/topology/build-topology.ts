import type { FunctionContext, FunctionRegistry } from '../functions/function.js';
import type { Output } from '../operators/operator.js';
import { Coalesce } from '../operators/sink/coalesce.js';
import type { PlanSink, QueryPlan } from '../plan/nodes.js';
import type { ProcessingLog } from '../ports/ports.js';
import { buildNode } from './node-handlers.js';
import { QueryBuild } from './query-build.js';
import { buildSink } from './sink-handlers.js';
import { ResultStore } from './topology-stores.js';
import type { ResultRow, SinkRecord, Topology } from './topology.js';

export interface TopologyDependencies {
  readonly functions: FunctionRegistry;
  readonly functionContext: FunctionContext;
  readonly log: ProcessingLog;
  /** Server configuration overlaid with the query's properties. */
  readonly property: (name: string) => string | undefined;
  /** Records for the sink topic, in order. */
  readonly onSink: (records: readonly SinkRecord[]) => void;
  /** Result rows of a transient query, in order. */
  readonly onRows: (rows: readonly ResultRow[]) => void;
  /** Whether stores remember their changes for `takeChanges`; true unless nobody will ever ask. */
  readonly trackChanges?: boolean;
  /** A table's changes are held back until `flush`, which emits the newest of each key. Off: every change is emitted at once. */
  readonly coalesce?: boolean;
}

/** Wires the operators of a plan, from the sink up to the sources. */
export function buildTopology(plan: QueryPlan, dependencies: TopologyDependencies): Topology {
  const build = new QueryBuild(plan, dependencies);
  const sink = buildSink(plan, build);
  const output: Output = (batch) => sink.process(batch, 0);
  const coalesce = dependencies.coalesce && plan.resultKind === 'TABLE' ? new Coalesce({ output }) : undefined;
  const view = buildNode(plan.root, build, {
    output: coalesce ? (batch) => coalesce.process(batch) : output,
    needsOldValues: false,
    needsView: plan.resultKind === 'TABLE' && keepsRows(plan.sink),
    columns: undefined,
  });
  return {
    sources: build.sources,
    stores: build.stores,
    resultStore: view && new ResultStore(view),
    snapshot: () => build.times.snapshot(),
    restoreSnapshot: (text) => build.times.restore(text),
    punctuate: () => undefined,
    flush: () => coalesce?.flush(),
  };
}

function keepsRows(sink: PlanSink): boolean {
  return sink.kind !== 'transient';
}
