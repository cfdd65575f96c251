import type { SourceUse } from '../analyze/query/qualified-query.js';
import { sourceColumn } from '../analyze/query/source-columns.js';
import type { BoundExpression } from '../analyze/bound-expression.js';
import type { Column } from '../catalog/schema.js';
import { PSEUDO_COLUMNS, WINDOW_BOUNDS } from '../catalog/schema.js';
import type { ProjectNode, StreamSourceNode, TableSourceNode } from './nodes.js';
import type { Stage } from './stage.js';

/** Nodes of Kafka Streams: the source and the step that adds the system columns; a table has its store besides. */
const STREAM_SOURCE_NODES = 2;
const TABLE_SOURCE_NODES = 5;

/** The node that reads a source's topic. */
export function buildSource({ alias, source }: SourceUse, id: string): Stage {
  const common = {
    id,
    schema: source.schema,
    sourceName: source.name,
    alias,
    topic: source.topic,
    timestamp: source.timestamp,
  };
  const isTable = source.kind === 'TABLE';
  const node: StreamSourceNode | TableSourceNode = isTable
    ? { kind: 'tableSource', ...common, materialized: true }
    : { kind: 'streamSource', ...common };
  return {
    node,
    isTable,
    window: source.topic.window,
    keys: source.schema.key.map(({ name }) => ({ candidates: [name], display: [name] })),
    keyOrigin: 'source',
    keyFormat: source.topic.keyFormat,
    valueFormat: source.topic.valueFormat,
    internalTopics: [],
    streamsNodes: isTable ? TABLE_SOURCE_NODES : STREAM_SOURCE_NODES,
  };
}

/** A source as a side of a join: its needed columns, keys and system columns among them, as values named `ALIAS_COLUMN`. */
export function buildJoinSource(
  use: SourceUse,
  needed: ReadonlySet<string>,
  prefix: string,
  side: 'Left' | 'Right',
): Stage {
  const input = buildSource(use, `${prefix}KafkaTopic_${side}`);
  const { alias, source } = use;
  const order = [
    ...source.schema.value.map((column) => column.name),
    ...PSEUDO_COLUMNS,
    ...WINDOW_BOUNDS,
    ...source.schema.key.map((column) => column.name),
  ].filter((name) => needed.has(name));
  const columns: Column[] = [];
  const values: BoundExpression[] = [];
  for (const name of order) {
    const entry = sourceColumn(source, name);
    if (entry === undefined) continue;
    values.push(entry);
    columns.push({ name: `${alias}_${name}`, type: entry.type });
  }
  const key = source.schema.key.map(({ name, type }) => ({ name: `${alias}_${name}`, type }));
  const node: ProjectNode = {
    kind: 'project',
    id: `${prefix}PrependAlias${side}`,
    schema: { key, value: columns },
    input: input.node,
    isTable: input.isTable,
    keyColumns: key.map((_, index) => index),
    values,
  };
  return {
    ...input,
    node,
    streamsNodes: input.streamsNodes + 1,
    keys: source.schema.key.map(({ name }) => ({ candidates: [`${alias}_${name}`], display: [`${alias}.${name}`] })),
  };
}
