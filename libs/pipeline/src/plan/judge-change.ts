import type { DraftObject } from '@isobar/ksql-engine';
import type { Reason } from './plan.js';

/** What differs between two definitions of one object, in words. */
export function differences(before: DraftObject, after: DraftObject): string[] {
  const words: string[] = [];
  const differ = (what: string, one: string | undefined, other: string | undefined): void => {
    if (one !== other) words.push(`${what}: ${one ?? 'none'} → ${other ?? 'none'}`);
  };
  differ('kind', before.kind, after.kind);
  differ('topic', before.topic, after.topic);
  differ('window', before.window, after.window);
  differ('event time', before.eventTime, after.eventTime);
  differ('key format', before.keyFormat, after.keyFormat);
  differ('value format', before.valueFormat, after.valueFormat);
  differ('key', keyOf(before), keyOf(after));
  const types = new Map(after.columns.map(({ name, type }) => [name, type]));
  for (const { name, type } of before.columns) {
    const now = types.get(name);
    if (now === undefined) words.push(`column ${name} goes`);
    else if (now !== type) words.push(`column ${name}: ${type} → ${now}`);
  }
  const known = new Set(before.columns.map(({ name }) => name));
  for (const { name, type } of after.columns) if (!known.has(name)) words.push(`column ${name} ${type} comes`);
  if (before.sources.join() !== after.sources.join())
    words.push(`reads ${after.sources.join(', ')} instead of ${before.sources.join(', ')}`);
  return words;
}

/** Why an object cannot go on as the other; `refusal`: what the engine says about it. */
export function reasonOf(before: DraftObject, after: DraftObject, refusal: string): Reason {
  if (before.kind !== after.kind) return 'kind-changed';
  if (before.topic !== after.topic) return 'topic-changed';
  if (before.keyFormat !== after.keyFormat || before.valueFormat !== after.valueFormat) return 'format-changed';
  if (before.window !== after.window) return 'windowed';
  if (keyOf(before) !== keyOf(after)) return 'key-changed';
  const types = new Map(after.columns.map(({ name, type }) => [name, type]));
  if (before.columns.some(({ name }) => !types.has(name))) return 'column-removed';
  if (before.columns.some(({ name, type }) => types.get(name) !== type)) return 'column-retyped';
  if (before.columns.some(({ name }, index) => after.columns[index]?.name !== name)) return 'column-not-last';
  return refusals.find(([words]) => words.test(refusal))?.[1] ?? 'engine-rejected';
}

const keyOf = ({ columns }: DraftObject): string =>
  columns
    .filter(({ isKey }) => isKey)
    .map(({ name, type }) => `${name} ${type}`)
    .join(', ') || 'none';

/** Our planner's words for what cannot go on. */
const refusals: readonly (readonly [RegExp, Reason])[] = [
  [/already exists, with different partition/, 'partitions-changed'],
  [/not yet supported for StreamWindowedAggregate/, 'windowed'],
  [/not yet supported for \w*Join/, 'joined-source'],
  [/not yet supported for StreamFlatMap/, 'exploded'],
  [/not yet supported for TableAggregate/, 'table-aggregated'],
  [/matching columns not part of aggregate/, 'filter-on-unselected-column'],
  [/matching aggregate functions/, 'aggregation-changed'],
  [/matching (?:keyExpressions|groupByExpressions)/, 'key-changed'],
  [/matching (?:topicName|timestampColumn|windowInfo)/, 'source-changed'],
  [/matching class/, 'steps-changed'],
];
