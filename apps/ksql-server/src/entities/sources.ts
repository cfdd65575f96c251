import type { DataSource, KsqlEngine, LiveQuery, TopicDescription } from '@isobar/ksql-engine';
import { runningQuery } from './queries.js';
import { fieldInfos } from './schema-info.js';

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
  isExtended: boolean,
): Record<string, unknown> {
  const queries: readonly LiveQuery[] = [...engine.queries.values()];
  const topic = topics.get(source.topic.topic);
  return {
    name: source.name,
    windowType: source.topic.window?.type ?? null,
    readQueries: queries.filter((query) => query.plan.sourceNames.includes(source.name)).map(runningQuery),
    writeQueries: queries.filter((query) => query.sinkName === source.name).map(runningQuery),
    fields: fieldInfos(source),
    type: source.kind,
    timestamp: source.timestamp?.name ?? '',
    statistics: '',
    errorStats: '',
    extended: isExtended,
    keyFormat: source.topic.keyFormat.format,
    valueFormat: source.topic.valueFormat.format,
    topic: source.topic.topic,
    partitions: topic?.partitions ?? 0,
    replication: topic?.replicas ?? 0,
    statement: source.statementText,
    queryOffsetSummaries: [],
    sourceConstraints: engine.catalog.readers.get(source.name) ?? [],
    clusterStatistics: [],
    clusterErrorStats: [],
  };
}
