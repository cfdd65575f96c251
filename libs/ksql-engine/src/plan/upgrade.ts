import type { BoundExpression } from '../analyze/bound-expression.js';
import { formatBound } from '../analyze/format-bound.js';
import { KsqlRequestError } from '../errors/user-errors.js';
import { quoteIdentifier } from '../types/format-type.js';
import type { PlanNode, QueryPlan } from './nodes.js';

/** What ksqlDB calls the steps, in its messages. */
function stepName(node: PlanNode): string {
  switch (node.kind) {
    case 'streamSource':
      return 'StreamSource';
    case 'tableSource':
      return 'TableSource';
    case 'filter':
      return node.isTable ? 'TableFilter' : 'StreamFilter';
    case 'project':
      return node.isTable ? 'TableSelect' : 'StreamSelect';
    case 'selectKey':
      return 'StreamSelectKey';
    case 'flatMap':
      return 'StreamFlatMap';
    case 'groupBy':
      return node.isTable ? 'TableGroupBy' : 'StreamGroupBy';
    case 'streamAggregate':
      return 'StreamAggregate';
    case 'windowedAggregate':
      return 'StreamWindowedAggregate';
    case 'tableAggregate':
      return 'TableAggregate';
    case 'streamStreamJoin':
      return 'StreamStreamJoin';
    case 'streamTableJoin':
      return 'StreamTableJoin';
    case 'tableTableJoin':
      return 'TableTableJoin';
    case 'foreignKeyJoin':
      return 'ForeignKeyTableTableJoin';
  }
}

const NOT_UPGRADEABLE: ReadonlySet<PlanNode['kind']> = new Set([
  'flatMap',
  'windowedAggregate',
  'tableAggregate',
  'streamStreamJoin',
  'streamTableJoin',
  'tableTableJoin',
  'foreignKeyJoin',
]);

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
      if (NOT_UPGRADEABLE.has(node.kind))
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

function compareSteps(old: PlanNode, next: PlanNode): void {
  if ((old.kind === 'streamSource' || old.kind === 'tableSource') && old.kind === next.kind) {
    requireEqual(old, 'topicName', old.topic.topic, next.topic.topic);
    requireEqual(old, 'timestampColumn', JSON.stringify(old.timestamp ?? null), JSON.stringify(next.timestamp ?? null));
    requireEqual(
      old,
      'windowInfo',
      JSON.stringify(old.topic.window ?? null),
      JSON.stringify(next.topic.window ?? null),
    );
  } else if (old.kind === 'selectKey' && next.kind === 'selectKey') {
    requireEqual(old, 'keyExpressions', expressions(old.keys), expressions(next.keys));
  } else if (old.kind === 'groupBy' && next.kind === 'groupBy') {
    requireEqual(old, 'groupByExpressions', expressions(old.keys), expressions(next.keys));
  } else if (old.kind === 'streamAggregate' && next.kind === 'streamAggregate') {
    const columns = ({ inputColumns = [] }: typeof old): string => `[${inputColumns.map(quoteIdentifier).join(', ')}]`;
    const sorted = (node: typeof old): string => JSON.stringify([...(node.inputColumns ?? [])].sort());
    if (sorted(old) !== sorted(next)) mismatch(old, 'columns not part of aggregate', columns(old), columns(next));
    const calls = ({ functionTexts = [] }: typeof old): string => `[${functionTexts.join(', ')}]`;
    requireEqual(old, 'aggregate functions', calls(old), calls(next));
  }
}
