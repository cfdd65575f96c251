import type { BoundExpression } from '../analyze/bound-expression.js';
import { formatBound } from '../analyze/format-bound.js';
import { KsqlRequestError } from '../errors/user-errors.js';
import { quoteIdentifier } from '../types/format-type.js';
import type { PlanNode, QueryPlan, StreamSourceNode, TableSourceNode } from './nodes.js';

type Steps<T> = { readonly [K in PlanNode['kind']]: T };

const streamOrTable =
  (stream: string, table: string) =>
  (node: PlanNode): string =>
    'isTable' in node && node.isTable ? table : stream;

/** What ksqlDB calls the steps, in its messages. */
const STEP_NAMES: Steps<string | ((node: PlanNode) => string)> = {
  streamSource: 'StreamSource',
  tableSource: 'TableSource',
  filter: streamOrTable('StreamFilter', 'TableFilter'),
  project: streamOrTable('StreamSelect', 'TableSelect'),
  selectKey: 'StreamSelectKey',
  flatMap: 'StreamFlatMap',
  groupBy: streamOrTable('StreamGroupBy', 'TableGroupBy'),
  streamAggregate: 'StreamAggregate',
  windowedAggregate: 'StreamWindowedAggregate',
  tableAggregate: 'TableAggregate',
  streamStreamJoin: 'StreamStreamJoin',
  streamTableJoin: 'StreamTableJoin',
  tableTableJoin: 'TableTableJoin',
  foreignKeyJoin: 'ForeignKeyTableTableJoin',
};

function stepName(node: PlanNode): string {
  const name = STEP_NAMES[node.kind];
  return typeof name === 'string' ? name : name(node);
}

/** Projections and filters may come, go and change; HAVING may change but neither come nor go. */
const isPassive = (node: PlanNode): boolean =>
  node.kind === 'project' || (node.kind === 'filter' && node.clause === 'WHERE');

/**
 * Whether a running query can go on, with its state and offsets, under another plan: every step that keeps state or decides keys must
 * be on both sides and be the same.
 */
export function requirePlanUpgrade(before: QueryPlan, after: QueryPlan): void {
  let [old, next]: [PlanNode, PlanNode] = [before.root, after.root];
  for (;;) {
    [old, next] = [skipPassive(old), skipPassive(next)];
    for (const node of [old, next]) {
      if (COMPARISONS[node.kind] === 'neverUpgradeable')
        throw new KsqlRequestError(`Upgrades not yet supported for ${stepName(node)}`);
    }
    if (stepName(old) !== stepName(next)) {
      mismatch(old, 'class', stepName(old), stepName(next));
    }
    compareSteps(old, next);
    if (!('input' in old) || !('input' in next)) return;
    [old, next] = [old.input, next.input];
  }
}

function skipPassive(node: PlanNode): PlanNode {
  let current = node;
  while (isPassive(current) && 'input' in current) current = current.input;
  return current;
}

function mismatch(node: PlanNode, what: string, before: string, after: string): never {
  throw new KsqlRequestError(
    `Query is not upgradeable. Plan step of type ${stepName(node)} must have matching ${what}. Values differ: ${before} vs. ${after}`,
  );
}

function requireEqual(node: PlanNode, what: string, before: string, after: string): void {
  if (before !== after) mismatch(node, what, before, after);
}

const expressions = (list: readonly BoundExpression[]): string => `[${list.map(formatBound).join(', ')}]`;

type Comparison<K extends PlanNode['kind']> = (
  old: Extract<PlanNode, { readonly kind: K }>,
  next: Extract<PlanNode, { readonly kind: K }>,
) => void;

type SourceNode = StreamSourceNode | TableSourceNode;
const compareSources = (old: SourceNode, next: SourceNode): void => {
  const json = (value: unknown): string => JSON.stringify(value ?? null);
  requireEqual(old, 'topicName', old.topic.topic, next.topic.topic);
  requireEqual(old, 'timestampColumn', json(old.timestamp), json(next.timestamp));
  requireEqual(old, 'windowInfo', json(old.topic.window), json(next.topic.window));
};

/** What of a step must stay as it is. */
const COMPARISONS: {
  readonly [K in PlanNode['kind']]: Comparison<K> | 'free' | 'neverUpgradeable';
} = {
  streamSource: compareSources,
  tableSource: compareSources,
  filter: 'free',
  project: 'free',
  selectKey: (old, next) => requireEqual(old, 'keyExpressions', expressions(old.keys), expressions(next.keys)),
  groupBy: (old, next) => requireEqual(old, 'groupByExpressions', expressions(old.keys), expressions(next.keys)),
  streamAggregate: (old, next) => {
    const columns = ({ inputColumns = [] }: typeof old): string => `[${inputColumns.map(quoteIdentifier).join(', ')}]`;
    const sorted = (node: typeof old): string => JSON.stringify([...(node.inputColumns ?? [])].sort());
    if (sorted(old) !== sorted(next)) mismatch(old, 'columns not part of aggregate', columns(old), columns(next));
    const calls = ({ functionTexts = [] }: typeof old): string => `[${functionTexts.join(', ')}]`;
    requireEqual(old, 'aggregate functions', calls(old), calls(next));
  },
  flatMap: 'neverUpgradeable',
  windowedAggregate: 'neverUpgradeable',
  tableAggregate: 'neverUpgradeable',
  streamStreamJoin: 'neverUpgradeable',
  streamTableJoin: 'neverUpgradeable',
  tableTableJoin: 'neverUpgradeable',
  foreignKeyJoin: 'neverUpgradeable',
};

function compareSteps(old: PlanNode, next: PlanNode): void {
  const compare = COMPARISONS[old.kind];
  if (typeof compare === 'function' && old.kind === next.kind) (compare as Comparison<PlanNode['kind']>)(old, next);
}
