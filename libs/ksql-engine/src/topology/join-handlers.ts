import type { FormatInfo } from '../catalog/data-source.js';
import { ForeignKeyJoin } from '../operators/join/foreign-key/foreign-key-join.js';
import { RowJoiner } from '../operators/join/joined-row.js';
import { StreamStreamJoin } from '../operators/join/stream-stream-join.js';
import { StreamTableJoin } from '../operators/join/stream-table-join.js';
import { TableTableJoin } from '../operators/join/table-table-join.js';
import type { Operator } from '../operators/operator.js';
import type { PlanNode } from '../plan/nodes.js';
import type { BuildNode, Demand, Handler } from './demand.js';
import type { QueryBuild } from './query-build.js';
import { ForeignKeyJoinView, TableTableJoinView } from './table-view.js';
import { withColumnsOf, type NeededColumns } from './value-columns.js';

/**
 * A join keeps what it needs of each side itself, so no side has to keep rows for it. Columns of the joined row that nobody reads are
 * neither decoded nor kept: no join can be replaced by another plan that reads more.
 */
function side(operator: Operator, input: 0 | 1, columns: NeededColumns): Demand {
  return {
    output: (batch) => operator.process(batch, input),
    needsOldValues: false,
    needsView: false,
    columns,
  };
}

/** Which of the columns from `first` on, so many, are read; counted from `first`. */
function partOf(columns: NeededColumns, first: number, count: number): NeededColumns {
  if (columns === undefined) return undefined;
  return new Set([...columns].map((column) => column - first).filter((column) => column >= 0 && column < count));
}

type JoinNode = Extract<PlanNode, { readonly left: PlanNode }>;

const rightColumns = (node: JoinNode, demand: Demand): NeededColumns =>
  partOf(demand.columns, node.leftValueCount, node.rightValueCount);

function buildInputs(
  node: JoinNode,
  build: QueryBuild,
  operator: Operator,
  demand: Demand,
  buildInput: BuildNode,
): void {
  buildInput(node.left, build, side(operator, 0, partOf(demand.columns, 0, node.leftValueCount)));
  buildInput(node.right, build, side(operator, 1, rightColumns(node, demand)));
}

const DEFAULT_GRACE_MS = 24 * 60 * 60 * 1000;

export const streamStreamJoin: Handler<'streamStreamJoin'> = (node, build, demand, buildInput) => {
  const { id, type, beforeMs, afterMs } = node;
  const graceMs = node.graceMs ?? DEFAULT_GRACE_MS;
  const retentionMs = beforeMs + afterMs + graceMs;
  const holdsBack = type !== 'INNER' && node.graceMs !== undefined;
  const left = build.joinBuffer(`${id}-Left`, retentionMs);
  const right = build.joinBuffer(`${id}-Right`, retentionMs);
  build.fanOuts.push(() => Math.max(left.recordsOfKeyMax, right.recordsOfKeyMax));
  const operator = new StreamStreamJoin({
    type,
    beforeMs,
    afterMs,
    graceMs,
    leftCount: node.leftValueCount,
    rightCount: node.rightValueCount,
    left,
    right,
    pending: holdsBack ? build.addStore(`${id}-Outer`, build.storeFactory.pendingOuterRows(`${id}-Outer`)) : undefined,
    keyCount: node.schema.key.length,
    streamTime: build.times.add(id),
    keyBytes: build.keyBytes(node.schema.key, keyFormatOf(node.left)),
    log: build.skip,
    output: demand.output,
  });
  buildInputs(node, build, operator, demand, buildInput);
  return undefined;
};

export const streamTableJoin: Handler<'streamTableJoin'> = (node, build, demand, buildInput) => {
  const operator = new StreamTableJoin({
    type: node.type,
    rightCount: node.rightValueCount,
    store: build.keyValueStore(`${node.id}-Right`),
    log: build.skip,
    output: demand.output,
  });
  buildInputs(node, build, operator, demand, buildInput);
  return undefined;
};

export const tableTableJoin: Handler<'tableTableJoin'> = (node, build, demand, buildInput) => {
  const { id, type } = node;
  const left = build.keyValueStore(`${id}-Left`);
  const right = build.keyValueStore(`${id}-Right`);
  const joiner = new RowJoiner(node.leftValueCount, node.rightValueCount);
  const { needsOldValues, output } = demand;
  const operator = new TableTableJoin({ type, joiner, left, right, needsOldValues, output });
  buildInputs(node, build, operator, demand, buildInput);
  return demand.needsView ? new TableTableJoinView(type, joiner, left, right, node.schema.key.length) : undefined;
};

export const foreignKeyJoin: Handler<'foreignKeyJoin'> = (node, build, demand, buildInput) => {
  const { id, type } = node;
  const left = build.keyValueStore(`${id}-Left`);
  const right = build.keyValueStore(`${id}-Right`);
  const operator = new ForeignKeyJoin({
    type,
    joiner: new RowJoiner(node.leftValueCount, node.rightValueCount),
    foreignKey: build.evaluator(node.foreignKey),
    left,
    right,
    keyCount: node.schema.key.length,
    needsOldValues: demand.needsOldValues,
    keyBytes: build.keyBytes(node.schema.key, keyFormatOf(node.left)),
    output: demand.output,
  });
  const leftColumns = withColumnsOf(partOf(demand.columns, 0, node.leftValueCount), [node.foreignKey]);
  buildInput(node.left, build, side(operator, 0, leftColumns));
  buildInput(node.right, build, side(operator, 1, rightColumns(node, demand)));
  return demand.needsView ? new ForeignKeyJoinView(operator, left) : undefined;
};

/** The format of the key of a node's records, as the topics below have it. */
function keyFormatOf(node: PlanNode): FormatInfo {
  switch (node.kind) {
    case 'streamSource':
    case 'tableSource':
      return node.topic.keyFormat;
    case 'selectKey':
    case 'groupBy':
      return node.repartition?.info.keyFormat ?? keyFormatOf(node.input);
    case 'streamAggregate':
    case 'tableAggregate':
    case 'windowedAggregate':
      return node.materialized.info.keyFormat;
    case 'filter':
    case 'project':
    case 'flatMap':
      return keyFormatOf(node.input);
    case 'streamStreamJoin':
    case 'streamTableJoin':
    case 'tableTableJoin':
    case 'foreignKeyJoin':
      return keyFormatOf(node.left);
  }
}
