import { z } from 'zod';

/** What `/ksql` answers, one entity per statement. Fields that a newer server adds are kept and ignored. */
const warnings = z.array(z.looseObject({ message: z.string() })).default([]);
const common = { statementText: z.string().default(''), warnings };

const commandStatus = z.looseObject({
  status: z.enum(['QUEUED', 'PARSING', 'EXECUTING', 'RUNNING', 'TERMINATED', 'SUCCESS', 'ERROR']),
  message: z.string().default(''),
  queryId: z.string().nullish(),
});

const runningQuery = z.looseObject({
  queryString: z.string(),
  sinks: z.array(z.string()),
  sinkKafkaTopics: z.array(z.string()),
  id: z.string(),
  statusCount: z.record(z.string(), z.number()).default({}),
  queryType: z.string().default('PERSISTENT'),
  state: z.string().nullish(),
});

const source = z.looseObject({
  type: z.enum(['STREAM', 'TABLE']),
  name: z.string(),
  topic: z.string(),
  keyFormat: z.string(),
  valueFormat: z.string(),
  isWindowed: z.boolean(),
});

const field = z.looseObject({
  name: z.string(),
  schema: z.looseObject({ type: z.string() }),
  type: z.string().optional(),
});

const sourceDescription = z.looseObject({
  name: z.string(),
  type: z.enum(['STREAM', 'TABLE']),
  windowType: z.string().nullish(),
  fields: z.array(field),
  topic: z.string(),
  keyFormat: z.string(),
  valueFormat: z.string(),
  statement: z.string().default(''),
  readQueries: z.array(runningQuery).default([]),
  writeQueries: z.array(runningQuery).default([]),
  sourceConstraints: z.array(z.string()).default([]),
});

const queryError = z.looseObject({
  timestamp: z.number(),
  errorMessage: z.string(),
  type: z.string(),
  /** What the query goes on without; the embedded server alone tells it. */
  loss: z.enum(['state', 'records']).optional().catch(undefined),
});

const queryDescription = z.looseObject({
  id: z.string(),
  statementText: z.string(),
  windowType: z.string().nullish(),
  fields: z.array(field),
  sources: z.array(z.string()),
  sinks: z.array(z.string()),
  topology: z.string().default(''),
  executionPlan: z.string().default(''),
  queryType: z.string().default('PERSISTENT'),
  queryErrors: z.array(queryError).default([]),
  consumerGroupId: z.string().nullish(),
  state: z.string().nullish(),
});

const topic = z.looseObject({ name: z.string(), replicaInfo: z.array(z.number()) });

/** The schemas by `@type`; a type that is not here still passes as a plain entity. */
export const entitySchemas = {
  currentStatus: z.looseObject({
    '@type': z.literal('currentStatus'),
    ...common,
    commandId: z.string(),
    commandStatus,
    commandSequenceNumber: z.number().default(-1),
  }),
  streams: z.looseObject({ '@type': z.literal('streams'), ...common, streams: z.array(source) }),
  tables: z.looseObject({ '@type': z.literal('tables'), ...common, tables: z.array(source) }),
  queries: z.looseObject({ '@type': z.literal('queries'), ...common, queries: z.array(runningQuery) }),
  sourceDescription: z.looseObject({ '@type': z.literal('sourceDescription'), ...common, sourceDescription }),
  queryDescription: z.looseObject({ '@type': z.literal('queryDescription'), ...common, queryDescription }),
  query_descriptions: z.looseObject({
    '@type': z.literal('query_descriptions'),
    ...common,
    queryDescriptions: z.array(queryDescription),
  }),
  kafka_topics: z.looseObject({ '@type': z.literal('kafka_topics'), ...common, topics: z.array(topic) }),
} as const;

export const plainEntitySchema = z.looseObject({ '@type': z.string(), ...common });

export const serverInfoSchema = z.looseObject({
  KsqlServerInfo: z.looseObject({
    version: z.string(),
    kafkaClusterId: z.string(),
    ksqlServiceId: z.string(),
    serverStatus: z.string().optional(),
  }),
});

export const serverHealthSchema = z.looseObject({
  isHealthy: z.boolean(),
  details: z.record(z.string(), z.looseObject({ isHealthy: z.boolean() })).default({}),
  serverState: z.string().optional(),
});

export type KsqlEntity = z.infer<typeof plainEntitySchema>;
export type EntityType = keyof typeof entitySchemas;
export type EntityOf<K extends EntityType> = z.infer<(typeof entitySchemas)[K]>;
export type CommandResult = EntityOf<'currentStatus'>;
export type KsqlSource = z.infer<typeof source>;
export type RunningQuery = z.infer<typeof runningQuery>;
export type SourceDescription = z.infer<typeof sourceDescription>;
export type QueryDescription = z.infer<typeof queryDescription>;
export type KsqlTopic = z.infer<typeof topic>;
export type ServerInfo = z.infer<typeof serverInfoSchema>['KsqlServerInfo'];
export type ServerHealth = z.infer<typeof serverHealthSchema>;
