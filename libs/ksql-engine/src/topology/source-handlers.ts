import type { Output } from '../operators/operator.js';
import { Materialize } from '../operators/source/materialize.js';
import { RecordDecoder } from '../operators/source/record-decoder.js';
import type { Columns } from '../operators/source/shared-decodes.js';
import { Source } from '../operators/source/source.js';
import type { StreamSourceNode, TableSourceNode } from '../plan/nodes.js';
import type { SerdeOptions } from '../serde/serde-options.js';
import { createSerde } from '../serde/formats.js';
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
  const { topic, schema, timestamp } = node;
  const isTable = node.kind === 'tableSource';
  const { key: keyColumns, value: valueColumns } = schema;
  const time = valueColumns.findIndex(({ name }) => name === timestamp?.name);
  /** The time column is always read. */
  const withTime = (wanted: Columns): Columns => (wanted && time >= 0 ? new Set([...wanted, time]) : wanted);
  const body = valueColumns.filter(({ header }) => header === undefined);
  const key: SerdeOptions = { columns: keyColumns, isKey: true, info: topic.keyFormat };
  const valueOf = (wanted: Columns): SerdeOptions => {
    const needed = body.map((column) => wanted?.has(valueColumns.indexOf(column)) ?? true);
    return { columns: body, isKey: false, info: topic.valueFormat, needed };
  };
  const shape = (wanted: Columns) => ({
    keyCount: keyColumns.length,
    valueColumns: valueColumns.map((column, index) => {
      const place = body.indexOf(column);
      return { body: place < 0 ? undefined : place, isNeeded: wanted?.has(index) ?? true };
    }),
    window: topic.window,
    putHeaders: headerVectors(valueColumns, (column) => wanted?.has(column) ?? true),
    timestampOf: eventTimeOf(timestamp, schema),
  });
  const own = withTime(columns);
  const decoder = new RecordDecoder({
    ...shape(own),
    keySerde: build.serde(key),
    valueSerde: build.serde(valueOf(own)),
    latestMs: () => build.timeBound.latestMs(),
    onBadBytes: build.badBytes(topic.topic),
    onBadTimestamp: build.badTimestamp(topic.topic),
    onTooFarAhead: build.tooFarAhead(topic.topic),
    onMissingKey: isTable ? build.missingKey(topic.topic) : undefined,
  });
  const { schemas, decodes } = build.dependencies;
  const decode = decodes?.of(
    JSON.stringify({ topic, schema, timestamp, isTable }),
    (wanted) =>
      new RecordDecoder({
        ...shape(wanted),
        keySerde: createSerde({ ...key, schemas }),
        valueSerde: createSerde({ ...valueOf(wanted), schemas }),
        latestMs: () => Infinity,
        onBadBytes: ignore,
        onBadTimestamp: ignore,
        onTooFarAhead: ignore,
        onMissingKey: isTable ? ignore : undefined,
      }),
  );
  const shared = decode && { decode, columns: own };
  const source = new Source({ decoder, shared, latestMs: () => build.timeBound.latestMs(), output });
  build.sources.push({
    topic: topic.topic,
    sourceName: node.sourceName,
    isTable,
    push: (records, from, to) => source.push(records, from, to),
  });
}

const ignore = (): void => undefined;
