import type { DataSource, KsqlEngine, LiveQuery, TopicDescription } from '@isobar/ksql-engine';
import type { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { runningQuery } from './queries.js';
import { fieldInfos } from './schema-info.js';
import { NO_STATISTICS, sourceStatistics } from './source-statistics.js';

/** One row of SHOW STREAMS or SHOW TABLES. */
export function sourceListItem(source: DataSource): Record<string, unknown> {
  return {
    type: source.kind,
    name: source.name,
    topic: source.topic.topic,
    keyFormat: source.topic.keyFormat.format,
    valueFormat: source.topic.valueFormat.format,
    isWindowed: source.topic.window !== undefined,
  };
}

export function sourceDescription(
  source: DataSource,
  engine: KsqlEngine,
  topics: ReadonlyMap<string, TopicDescription>,
  summaries: readonly unknown[] | undefined,
  host: string,
): Record<string, unknown> {
  const queries: readonly LiveQuery[] = [...engine.queries.values()];
  const topic = topics.get(source.topic.topic);
  const statistics = summaries === undefined ? NO_STATISTICS : sourceStatistics(source, queries, host);
  return {
    name: source.name,
    windowType: source.topic.window?.type ?? null,
    readQueries: queries.filter((query) => query.plan.sourceNames.includes(source.name)).map(runningQuery),
    writeQueries: queries.filter((query) => query.sinkName === source.name).map(runningQuery),
    fields: fieldInfos(source),
    type: source.kind,
    timestamp: source.timestamp?.name ?? '',
    statistics: statistics.text,
    errorStats: '',
    extended: summaries !== undefined,
    keyFormat: source.topic.keyFormat.format,
    valueFormat: source.topic.valueFormat.format,
    topic: source.topic.topic,
    partitions: topic?.partitions ?? 0,
    replication: topic?.replicas ?? 0,
    statement: source.statementText,
    queryOffsetSummaries: summaries ?? [],
    sourceConstraints: engine.catalog.readers.get(source.name) ?? [],
    clusterStatistics: statistics.values,
    clusterErrorStats: [],
  };
}

/** How far the queries that write into a source have read their topics. */
export async function offsetSummaries(
  source: DataSource,
  engine: KsqlEngine,
  broker: KafkaBroker,
): Promise<readonly unknown[]> {
  const writers = [...engine.queries.values()].filter((query) => query.sinkName === source.name);
  const existing = await broker.listTopics();
  return Promise.all(
    writers.map(async ({ applicationId, task }) => {
      const topics = [...new Set(task?.positions.map(({ topic }) => topic))].filter((topic) => existing.has(topic));
      const committed = await broker.committedOffsets(applicationId, topics);
      return {
        groupId: applicationId,
        topicSummaries: await Promise.all(
          topics
            .filter((topic) => committed.some((offset) => offset.topic === topic))
            .map(async (kafkaTopic) => ({
              kafkaTopic,
              offsets: (await broker.bounds(kafkaTopic)).map(({ partition, start, end }) => ({
                partition,
                logStartOffset: start,
                logEndOffset: end,
                consumerOffset:
                  committed.find((offset) => offset.topic === kafkaTopic && offset.partition === partition)?.offset ??
                  0,
              })),
            })),
        ),
      };
    }),
  );
}
