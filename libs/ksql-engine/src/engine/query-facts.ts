import type { TopicInfo } from '../catalog/data-source.js';
import type { PlanNode, QueryPlan } from '../plan/nodes.js';
import type { RegistryParts } from '../runtime/schema-admission.js';
import { formatOf } from '../serde/formats.js';
import { windowBytes } from '../serde/windowed-key.js';

type SourceNode = Extract<PlanNode, { kind: 'streamSource' | 'tableSource' }>;

function sourcesOf(node: PlanNode): readonly SourceNode[] {
  if (node.kind === 'streamSource' || node.kind === 'tableSource') return [node];
  return planInputs(node).flatMap(sourcesOf);
}

/** The topics a plan reads, tables marked. */
export function persistentSources(plan: QueryPlan): readonly { readonly topic: string; readonly isTable: boolean }[] {
  const found = new Map(sourcesOf(plan.root).map((node) => [node.topic.topic, node.kind === 'tableSource']));
  return [...found].map(([topic, isTable]) => ({ topic, isTable }));
}

/** The topics a plan reads whose records bear ids of schemas, and in which part. */
export const registryParts = (plan: QueryPlan): ReadonlyMap<string, RegistryParts> =>
  registryPartsOf(sourcesOf(plan.root).map(({ topic }) => topic));

/** The same of topics as sources declare them. */
export function registryPartsOf(topics: readonly TopicInfo[]): ReadonlyMap<string, RegistryParts> {
  const found = new Map<string, RegistryParts>();
  for (const { topic, keyFormat, valueFormat } of topics) {
    const before = found.get(topic);
    const key = formatOf(keyFormat).registry !== undefined || before?.key === true;
    const value = formatOf(valueFormat).registry !== undefined || before?.value === true;
    if (key || value) found.set(topic, { key, value });
  }
  return found;
}

export function planInputs(node: PlanNode): readonly PlanNode[] {
  if ('input' in node) return [node.input];
  if ('left' in node) return [node.left, node.right];
  return [];
}

/** A table's readers need the newest row per key only; EMIT FINAL and streams send every row. */
export function coalescesChanges(plan: QueryPlan): boolean {
  if (plan.resultKind !== 'TABLE') return false;
  const emitsFinal = (node: PlanNode): boolean =>
    (node.kind === 'windowedAggregate' && node.emitFinal) || planInputs(node).some(emitsFinal);
  return !emitsFinal(plan.root);
}

/**
 * Whether what a query keeps of one partition of its sources has to do with no other: a key stays in its partition from the sources to
 * every store. It does not where a distributed runtime would move records through a repartition topic, in a join by a foreign key, and not
 * surely in topics with windowed keys: rows of a key that an earlier version wrote are spread by window.
 */
export function splitsByPartition(plan: QueryPlan): boolean {
  const moves = (node: PlanNode): boolean =>
    node.kind === 'foreignKeyJoin' ||
    ('repartition' in node && node.repartition !== undefined) ||
    ('topic' in node && node.topic.window !== undefined) ||
    planInputs(node).some(moves);
  return !moves(plan.root) && !(plan.internalTopics ?? []).some(({ suffix }) => suffix.endsWith('-repartition'));
}

/** Whether an expression runs a lambda: then one record may take a thousand times what another took. */
export function hasLambda(plan: QueryPlan): boolean {
  const found = (part: unknown): boolean =>
    typeof part === 'object' &&
    part !== null &&
    (('kind' in part && part.kind === 'lambda') || Object.values(part).some(found));
  return found(plan.root);
}

/** Bytes at the end of each result's key that are its window. */
export function sinkWindowBytes({ sink }: QueryPlan): number {
  return sink.kind === 'topic' && sink.topic.window !== undefined ? windowBytes(sink.topic.window) : 0;
}
