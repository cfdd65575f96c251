import { GroupBy } from '../operators/aggregate/group-by.js';
import { SessionAggregate } from '../operators/aggregate/session-aggregate.js';
import { StreamAggregate } from '../operators/aggregate/stream-aggregate.js';
import { TableAggregate } from '../operators/aggregate/table-aggregate.js';
import { TableGroupBy } from '../operators/aggregate/table-group-by.js';
import { TimeWindowAggregate } from '../operators/aggregate/time-window-aggregate.js';
import type { Operator } from '../operators/operator.js';
import type { StreamAggregateNode, TableAggregateNode, WindowedAggregateNode } from '../plan/nodes.js';
import type { Demand, Handler } from './demand.js';
import { KeyedView, WindowedView } from './table-view.js';
import { columnsOf, withColumnsOf } from './value-columns.js';

export const groupBy: Handler<'groupBy'> = (node, build, demand, buildInput) => {
  const options = { keys: build.projection(node.keys), log: build.skip, output: demand.output };
  const operator = node.isTable ? new TableGroupBy(options) : new GroupBy(options);
  return buildInput(node.input, build, {
    output: (batch) => operator.process(batch),
    needsOldValues: node.isTable,
    needsView: false,
    columns: withColumnsOf(demand.columns, node.keys),
  });
};

type AggregateNode = StreamAggregateNode | TableAggregateNode | WindowedAggregateNode;

function inputDemand(node: AggregateNode, operator: Operator): Demand {
  return {
    output: (batch) => operator.process(batch, 0),
    needsOldValues: node.kind === 'tableAggregate',
    needsView: false,
    columns: columnsOf([...node.carried, ...node.calls.flatMap((call) => call.args)]),
  };
}

export const streamAggregate: Handler<'streamAggregate'> = (node, build, demand, buildInput) => {
  const { output, needsOldValues } = demand;
  const aggregation = build.aggregation(node.carried, node.calls);
  const store = build.keyValueStore(node.materialized.storeName);
  const operator = new StreamAggregate({ aggregation, store, needsOldValues, log: build.skip, output });
  buildInput(node.input, build, inputDemand(node, operator));
  return demand.needsView
    ? new KeyedView(store, node.schema.key.length, false, (state) => aggregation.result(state))
    : undefined;
};

export const tableAggregate: Handler<'tableAggregate'> = (node, build, demand, buildInput) => {
  const { output, needsOldValues } = demand;
  const aggregation = build.aggregation(node.carried, node.calls);
  const store = build.keyValueStore(node.materialized.storeName);
  const operator = new TableAggregate({ aggregation, store, needsOldValues, log: build.skip, output });
  buildInput(node.input, build, inputDemand(node, operator));
  return demand.needsView
    ? new KeyedView(store, node.schema.key.length, false, (state) => aggregation.result(state))
    : undefined;
};

export const windowedAggregate: Handler<'windowedAggregate'> = (node, build, demand, buildInput) => {
  const { window, emitFinal, materialized } = node;
  const aggregation = build.aggregation(node.carried, node.calls);
  const options = {
    aggregation,
    graceMs: window.graceMs,
    emitFinal,
    needsOldValues: demand.needsOldValues,
    streamTime: build.times.add(node.id),
    keyBytes: build.keyBytes(node.schema.key, materialized.info.keyFormat),
    log: build.skip,
    output: demand.output,
  };
  if (window.type === 'SESSION') {
    const { storeName } = materialized;
    const store = build.addStore(storeName, build.storeFactory.session(storeName, window.retentionMs));
    const operator = new SessionAggregate({ ...options, gapMs: window.sizeMs, store });
    buildInput(node.input, build, inputDemand(node, operator));
    const windowsOf = (key: string) => store.find(key, -Infinity, Infinity);
    return demand.needsView ? new WindowedView(store, windowsOf, aggregation) : undefined;
  }
  const { storeName } = materialized;
  const store = build.addStore(storeName, build.storeFactory.window(storeName, window.retentionMs));
  const operator = new TimeWindowAggregate({ ...options, sizeMs: window.sizeMs, advanceMs: window.advanceMs, store });
  buildInput(node.input, build, inputDemand(node, operator));
  const windowsOf = (key: string) => store.fetch(key, -Infinity, Infinity);
  return demand.needsView ? new WindowedView(store, windowsOf, aggregation) : undefined;
};
