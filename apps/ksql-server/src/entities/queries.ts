import type { LiveQuery } from '@isobar/ksql-engine';
import { fieldInfos } from './schema-info.js';

/** RUNNING, PAUSED, ERROR as clients know them; a query that is being restored counts as running. */
export function queryStatus(query: LiveQuery): 'RUNNING' | 'PAUSED' | 'ERROR' | 'UNRESPONSIVE' {
  if (query.problem !== undefined) return 'ERROR';
  if (query.isPaused) return 'PAUSED';
  switch (query.task?.state) {
    case 'ERROR':
      return 'ERROR';
    case undefined:
    case 'STOPPED':
      return 'UNRESPONSIVE';
    default:
      return 'RUNNING';
  }
}

export function runningQuery(query: LiveQuery): Record<string, unknown> {
  const status = queryStatus(query);
  const sink = query.plan.sink.kind === 'topic' ? query.plan.sink : undefined;
  return {
    queryString: query.statementText,
    sinks: sink ? [sink.sourceName] : [],
    sinkKafkaTopics: sink ? [sink.topic.topic] : [],
    id: query.queryId,
    statusCount: { [status]: 1 },
    queryType: 'PERSISTENT',
    state: status,
  };
}

/** Numbers as numbers: properties are texts here. */
export const typedProperties = (properties: Readonly<Record<string, string>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, text]) => [
      name,
      /^-?\d+$/.test(text) ? Number(text) : text === 'true' || text === 'false' ? text === 'true' : text,
    ]),
  );

export function queryDescription(query: LiveQuery, host: string, executionPlan: string): Record<string, unknown> {
  const status = queryStatus(query);
  const sink = query.plan.sink.kind === 'topic' ? query.plan.sink : undefined;
  return {
    id: query.queryId,
    statementText: query.statementText,
    windowType: query.plan.resultWindow?.type ?? null,
    fields: fieldInfos({ schema: sink?.schema ?? query.plan.root.schema }),
    sources: query.plan.sourceNames,
    sinks: sink ? [sink.sourceName] : [],
    topology: '',
    executionPlan,
    overriddenProperties: typedProperties(query.properties),
    ksqlHostQueryStatus: { [host]: status },
    queryType: 'PERSISTENT',
    queryErrors: query.errors.map((error) => ({
      timestamp: error.timestampMs,
      errorMessage: error.message,
      type: error.type,
      // No field of ksqlDB's, and none where nothing was lost.
      ...(error.loss === undefined ? {} : { loss: error.loss }),
    })),
    tasksMetadata: tasksMetadata(query),
    consumerGroupId: query.applicationId,
    state: status,
    ...restoreOf(query),
  };
}

/** What its tasks read, and how far: the end is the one that the newest fetch saw. */
const tasksMetadata = ({ task }: LiveQuery): readonly unknown[] =>
  (task?.tasks ?? []).map(({ taskId, inputs }) => ({
    taskId,
    topicOffsets: inputs.map(({ topic, partition, offset, endOffset }) => ({
      topicPartitionEntity: { topic, partition },
      endOffset: endOffset ?? offset,
      committedOffset: offset,
    })),
    timeCurrentIdlingStarted: null,
  }));

/** How far a query is that still restores its state: no field of ksqlDB's, and none once it runs. */
function restoreOf({ task }: LiveQuery): object {
  if (task?.state !== 'RESTORING' || task.restore === undefined) return {};
  const { done, total, tasks } = task.restore;
  return { restore: { done, total, tasks: tasks.map((each, task) => ({ task, done: each.done, total: each.total })) } };
}
