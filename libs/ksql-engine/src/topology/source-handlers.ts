import type { Output } from '../operators/operator.js';
import { Materialize } from '../operators/source/materialize.js';
import { RecordDecoder } from '../operators/source/record-decoder.js';
import { Source } from '../operators/source/source.js';
import type { StreamSourceNode, TableSourceNode } from '../plan/nodes.js';
import type { Demand, Handler } from './demand.js';
import { eventTimeOf } from './event-time.js';
import { headerVectors } from './header-columns.js';
import type { QueryBuild } from './query-build.js';
import { KeyedView } from './table-view.js';

export const streamSource: Handler<'streamSource'> = (node, build, demand) => {
  addSource(node, build, demand.columns, demand.output);
  return undefined;
};

/** Rows are kept only where somebody needs the row before a change, or a view. */
export const tableSource: Handler<'tableSource'> = (node, build, demand) => {
  if (!((demand.needsOldValues && node.materialized) || demand.needsView)) {
    addSource(node, build, demand.columns, demand.output);
    return undefined;
  }
  const store = build.keyValueStore(`${node.id}-Reduce`);
  const materialize = new Materialize({ store, output: demand.output });
  addSource(node, build, demand.columns, (batch) => materialize.process(batch));
  return demand.needsView
    ? new KeyedView(store, node.schema.key.length, node.topic.window !== undefined, (row) => row)
    : undefined;
};

function addSource(
  node: StreamSourceNode | TableSourceNode,
  build: QueryBuild,
  columns: Demand['columns'],
  output: Output,
): void {
  const { topic, schema } = node;
  const isTable = node.kind === 'tableSource';
  // The time column is always read.
  const isNeeded = (column: number): boolean =>
    columns === undefined || columns.has(column) || schema.value[column]?.name === node.timestamp?.name;
  let body = 0;
  const valueColumns = schema.value.map(({ header }, column) => {
    return { body: header === undefined ? body++ : undefined, isNeeded: isNeeded(column) };
  });
  const bodyColumns = valueColumns.filter((column) => column.body !== undefined);
  const decoder = new RecordDecoder({
    keySerde: build.serde({ columns: schema.key, isKey: true, info: topic.keyFormat }),
    keyCount: schema.key.length,
    valueSerde: build.serde({
      columns: schema.value.filter(({ header }) => header === undefined),
      isKey: false,
      info: topic.valueFormat,
      needed: bodyColumns.map((column) => column.isNeeded),
    }),
    valueColumns,
    window: topic.window,
    putHeaders: headerVectors(schema.value, isNeeded),
    timestampOf: eventTimeOf(node.timestamp, schema),
    latestMs: () => build.timeBound.latestMs(),
    onBadBytes: build.badBytes(topic.topic),
    onBadTimestamp: build.badTimestamp(topic.topic),
    onTooFarAhead: build.tooFarAhead(topic.topic),
    onMissingKey: isTable ? build.missingKey(topic.topic) : undefined,
  });
  const source = new Source({ decoder, output });
  build.sources.push({
    topic: topic.topic,
    sourceName: node.sourceName,
    isTable,
    push: (records, from, to) => source.push(records, from, to),
  });
}
