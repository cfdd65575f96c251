import type { FunctionRegistry } from '../../functions/function.js';
import {
  PLAN_VERSION,
  type InternalTopic,
  type Materialized,
  type PlanNode,
  type PlanSink,
  type QueryPlan,
  type WindowSpec,
} from '../nodes.js';
import { schema, timestampColumn, topicInfo } from './catalog-codec.js';
import { expressionCodecs } from './expression-codec.js';
import { byKind, flag, lazy, list, number, object, oneOf, optional, text, type Codec } from './json-codec.js';

const internalTopic = object<InternalTopic>({ suffix: text, info: topicInfo });
const materialized = object<Materialized>({ storeName: text, info: topicInfo, schema });
const windowSpec = object<WindowSpec>({
  type: oneOf('TUMBLING', 'HOPPING', 'SESSION'),
  sizeMs: number,
  advanceMs: number,
  graceMs: number,
  retentionMs: number,
});
const sink = byKind<PlanSink>('sink', {
  topic: object({ sourceName: text, topic: topicInfo, schema, timestamp: optional(timestampColumn) }),
  transient: object({ limit: optional(number) }),
  materialized: object({}),
});

/**
 * Query plans as JSON, complete: what is decoded runs as what was encoded, whatever the planner would make of the statement today.
 * Functions are looked up again, by name and signature.
 */
export function planCodec(functions: FunctionRegistry): Codec<QueryPlan> {
  const { expression, aggregateCall, tableCall } = expressionCodecs(functions);
  const expressions = list(expression);
  const input = lazy(() => node);
  const base = { id: text, schema };
  const source = { ...base, sourceName: text, alias: text, topic: topicInfo, timestamp: optional(timestampColumn) };
  const aggregate = {
    ...base,
    input,
    carried: expressions,
    calls: list(aggregateCall),
    materialized,
    inputColumns: optional(list(text)),
    functionTexts: optional(list(text)),
  };
  const join = { ...base, left: input, right: input, leftValueCount: number, rightValueCount: number };
  const anyJoin = oneOf('INNER', 'LEFT', 'RIGHT', 'FULL');
  const leftJoin = oneOf('INNER', 'LEFT');

  const node: Codec<PlanNode> = byKind<PlanNode>('plan node', {
    streamSource: object(source),
    tableSource: object({ ...source, materialized: flag }),
    filter: object({ ...base, input, isTable: flag, predicate: expression, clause: oneOf('WHERE', 'HAVING') }),
    project: object({ ...base, input, isTable: flag, keyColumns: list(number), values: expressions }),
    selectKey: object({ ...base, input, keys: expressions, values: expressions, repartition: optional(internalTopic) }),
    flatMap: object({ ...base, input, calls: list(tableCall) }),
    groupBy: object({ ...base, input, isTable: flag, keys: expressions, repartition: optional(internalTopic) }),
    streamAggregate: object(aggregate),
    windowedAggregate: object({ ...aggregate, window: windowSpec, emitFinal: flag }),
    tableAggregate: object(aggregate),
    streamStreamJoin: object({
      ...join,
      type: anyJoin,
      beforeMs: number,
      afterMs: number,
      graceMs: optional(number),
      leftInfo: topicInfo,
      rightInfo: topicInfo,
    }),
    streamTableJoin: object({ ...join, type: leftJoin }),
    tableTableJoin: object({ ...join, type: anyJoin }),
    foreignKeyJoin: object({ ...join, type: leftJoin, foreignKey: expression }),
  });

  return object<QueryPlan>({
    version: oneOf(PLAN_VERSION),
    queryId: text,
    root: node,
    resultKind: oneOf('STREAM', 'TABLE'),
    resultWindow: optional(windowSpec),
    sink,
    sourceNames: list(text),
    internalTopics: optional(list(internalTopic)),
  });
}
