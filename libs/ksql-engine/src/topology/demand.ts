import type { PlanNode } from '../plan/nodes.js';
import type { Output } from '../operators/operator.js';
import type { QueryBuild } from './query-build.js';
import type { TableView } from './table-view.js';
import type { NeededColumns } from './value-columns.js';

/** What a node's consumer wants from it. */
export interface Demand {
  readonly output: Output;
  /** The row before each change of a table. */
  readonly needsOldValues: boolean;
  /** The rows of the table, for pull queries. */
  readonly needsView: boolean;
  /** Value columns that are read; the others may be null. */
  readonly columns: NeededColumns;
}

/** Wires a node and everything below it. Gives a view of its table when one was asked for and there is a table. */
export type BuildNode = (node: PlanNode, build: QueryBuild, demand: Demand) => TableView | undefined;

export type Handler<K extends PlanNode['kind']> = (
  node: Extract<PlanNode, { kind: K }>,
  build: QueryBuild,
  demand: Demand,
  buildInput: BuildNode,
) => TableView | undefined;
