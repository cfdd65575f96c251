import type { Output } from '../operators/operator.js';
import { Materialize } from '../operators/source/materialize.js';
import { RecordDecoder } from '../operators/source/record-decoder.js';
import { Source } from '../operators/source/source.js';
import type { StreamSourceNode, TableSourceNode } from '../plan/nodes.js';
import { createSerde } from '../serde/formats.js';
import { MemoryKeyValueStore } from '../state/memory/key-value-store.js';
import type { Demand, Handler } from './demand.js';
import { eventTimeOf } from './event-time.js';
import { headerColumns } from './header-columns.js';
import type { QueryBuild } from './query-build.js';
import { KeyedView } from './table-view.js';
import type { NeededColumns } from './value-columns.js';

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
  const store = build.addStore(`${node.id}-Reduce`, new MemoryKeyValueStore(build.isTracking));
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
  const decoder = new RecordDecoder({
    keySerde: createSerde({ columns: schema.key, isKey: true, info: topic.keyFormat }),
    valueSerde: createSerde({
      columns: schema.value.filter(({ header }) => header === undefined),
      isKey: false,
      info: topic.valueFormat,
      needed: neededMask(node, columns),
    }),
    window: topic.window,
    withHeaders: headerColumns(schema.value),
    timestampOf: eventTimeOf(node.timestamp, schema),
    onBadBytes: build.badBytes(topic.topic),
    onBadTimestamp: build.badTimestamp(topic.topic),
    onMissingKey: isTable ? build.missingKey(topic.topic) : undefined,
  });
  const source = new Source({ decoder, output });
  build.sources.push({
    topic: topic.topic,
    sourceName: node.sourceName,
    isTable,
    push: (records) => source.push(records),
  });
}

/** Per column of the value bytes whether it is read; the time column always is. */
function neededMask(node: StreamSourceNode | TableSourceNode, columns: NeededColumns): readonly boolean[] | undefined {
  if (columns === undefined) return undefined;
  const mask: boolean[] = [];
  node.schema.value.forEach(({ header, name }, index) => {
    if (header === undefined) mask.push(columns.has(index) || name === node.timestamp?.name);
  });
  return mask;
}
