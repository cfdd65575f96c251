import type { PlanNode } from '../plan/nodes.js';
import * as aggregates from './aggregate-handlers.js';
import type { BuildNode, Handler } from './demand.js';
import * as joins from './join-handlers.js';
import * as sources from './source-handlers.js';
import * as stateless from './stateless-handlers.js';

/** How each kind of plan node becomes operators. A new kind fails to compile until it has its line here. */
const HANDLERS: { readonly [K in PlanNode['kind']]: Handler<K> } = {
  streamSource: sources.streamSource,
  tableSource: sources.tableSource,
  filter: stateless.filter,
  project: stateless.project,
  selectKey: stateless.selectKey,
  flatMap: stateless.flatMap,
  groupBy: aggregates.groupBy,
  streamAggregate: aggregates.streamAggregate,
  windowedAggregate: aggregates.windowedAggregate,
  tableAggregate: aggregates.tableAggregate,
  streamStreamJoin: joins.streamStreamJoin,
  streamTableJoin: joins.streamTableJoin,
  tableTableJoin: joins.tableTableJoin,
  foreignKeyJoin: joins.foreignKeyJoin,
};

export const buildNode: BuildNode = (node, build, demand) => {
  const handler = HANDLERS[node.kind] as Handler<PlanNode['kind']>;
  return handler(node, build, demand, buildNode);
};
