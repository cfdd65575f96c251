import type { Operator } from '../operators/operator.js';
import { RowSink } from '../operators/sink/row-sink.js';
import { TopicSink } from '../operators/sink/topic-sink.js';
import type { PlanSink, QueryPlan } from '../plan/nodes.js';
import { eventTimeOf } from './event-time.js';
import type { QueryBuild } from './query-build.js';

type SinkHandlers = {
  readonly [K in PlanSink['kind']]: (
    sink: Extract<PlanSink, { kind: K }>,
    plan: QueryPlan,
    build: QueryBuild,
  ) => Operator;
};

const HANDLERS: SinkHandlers = {
  topic: ({ topic, schema, timestamp }, plan, build) =>
    new TopicSink({
      keySerde: build.serde({ columns: schema.key, isKey: true, info: topic.keyFormat }),
      valueSerde: build.serde({ columns: schema.value, isKey: false, info: topic.valueFormat }),
      window: topic.window,
      isTable: plan.resultKind === 'TABLE',
      timestampOf: eventTimeOf(timestamp, schema),
      onBadTimestamp: build.badResultTimestamp,
      onBadRow: build.badRow(topic.topic),
      output: build.dependencies.onSink,
    }),
  transient: (_sink, plan, build) =>
    new RowSink({ isTable: plan.resultKind === 'TABLE', output: build.dependencies.onRows }),
  materialized: () => ({ process: () => undefined }),
};

export function buildSink(plan: QueryPlan, build: QueryBuild): Operator {
  const handler = HANDLERS[plan.sink.kind] as (sink: PlanSink, plan: QueryPlan, build: QueryBuild) => Operator;
  return handler(plan.sink, plan, build);
}
