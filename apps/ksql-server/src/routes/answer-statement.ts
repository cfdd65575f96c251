import {
  explainPlan,
  formatType,
  KsqlError,
  KsqlStatementError,
  printMasked,
  type DataSource,
  type KsqlEngine,
  type ParsedStatement,
  type PlannedStatement,
  type RequestSession,
  type Statement,
} from '@isobar/ksql-engine';
import { functionDescription, functionListItem } from '../entities/functions.js';
import { queryDescription, runningQuery, typedProperties } from '../entities/queries.js';
import { fieldInfos, schemaInfo } from '../entities/schema-info.js';
import { offsetSummaries, sourceDescription, sourceListItem } from '../entities/sources.js';
import { ApiError, ASSERT_FAILED, BAD_REQUEST, BAD_STATEMENT, SERVER_ERROR } from '../http/responses.js';
import { listedProperties } from '../properties/listed-properties.js';
import { findPush, type ServerContext } from '../server-context.js';
import { assertSchema } from './assert-schema.js';
import { ConnectProxy } from './connectors.js';
import { setTimeout as delay } from 'node:timers/promises';

export interface AnswerScope {
  readonly context: ServerContext;
  readonly engine: KsqlEngine;
  readonly session: RequestSession;
  /** Variables that UNDEFINE named though nobody had defined them. */
  readonly undefined: ReadonlySet<string>;
}
type Entity = Record<string, unknown>;
type Kind = Statement['kind'];
type Answer<K extends Kind> = (
  statement: Extract<Statement, { kind: K }>,
  parsed: ParsedStatement,
  scope: AnswerScope,
  planned: PlannedStatement,
) => Promise<Entity | undefined> | Entity | undefined;

/** Statements that change nothing: each gives its entity, or nothing. Everything else is refused by name. */
const answers: { readonly [K in Kind]?: Answer<K> } = {
  setProperty: () => undefined,
  unsetProperty: () => undefined,
  defineVariable: () => undefined,
  undefineVariable: (statement, parsed, { undefined: missing }) =>
    missing.has(statement.name)
      ? {
          '@type': 'warning_entity',
          statementText: parsed.text,
          message: `Cannot undefine variable '${statement.name}' which was never defined`,
        }
      : undefined,
  alterSystem: (_statement, parsed) => {
    throw new ApiError(
      SERVER_ERROR,
      `Could not write the statement '${parsed.text}' into the command topic.\nCaused by: Cannot alter system configs when KSQL_SHARED_RUNTIME_ENABLED is turned off.`,
      parsed.text,
    );
  },
  controlQuery: async (statement, parsed, { context }) => {
    const [queryId, running] = findPush(context, statement.queryId) ?? [];
    await running?.query.close();
    if (queryId !== undefined) context.transientQueries.delete(queryId);
    return {
      '@type': 'terminate_query',
      statementText: parsed.text,
      queryId: statement.queryId,
      wasTerminated: running !== undefined,
    };
  },
  createConnector: (statement, parsed, { context }) => new ConnectProxy(context, parsed.text).create(statement),
  dropConnector: (statement, parsed, { context }) =>
    new ConnectProxy(context, parsed.text).drop(statement.name, statement.ifExists),
  describeConnector: (statement, parsed, { context }) =>
    new ConnectProxy(context, parsed.text).describe(statement.name),
  assertSchema: (statement, parsed, { engine }) => assertSchema(statement, parsed, engine.options.registry),
  show: async (statement, parsed, scope) => showEntity(statement, parsed, scope),
  describeSource: async (statement, parsed, { engine, context }) => ({
    '@type': 'sourceDescription',
    statementText: parsed.text,
    sourceDescription: sourceDescription(
      findSource(engine, statement.name, parsed.text),
      engine,
      await context.broker.listTopics(DESCRIBED_FOR_MS),
      statement.extended
        ? await offsetSummaries(findSource(engine, statement.name, parsed.text), engine, context.broker)
        : undefined,
      context.host,
    ),
  }),
  describeSources: async (statement, parsed, { engine, context }) =>
    sourceDescriptions(engine, context, statement.sourceKind, parsed.text, statement.extended),
  describeFunction: (statement, parsed, { engine }) => {
    const fn = engine.options.functions.find(statement.name.toUpperCase());
    if (!fn) throw new ApiError(BAD_REQUEST, `Can't find any functions with the name '${statement.name}'`);
    return { '@type': 'describe_function', statementText: parsed.text, ...functionDescription(fn) };
  },
  explain: (statement, parsed, scope) => explainEntity(statement, parsed, scope),
  assertTopic: async (statement, parsed, { context }) => {
    const exists = await waitForTopic(context, statement.topic, statement.exists, statement.timeoutMs ?? 1_000);
    if (exists !== statement.exists) {
      throw new ApiError(ASSERT_FAILED, `Topic ${statement.topic} ${exists ? 'exists' : 'does not exist'}`);
    }
    if (exists) requireTopicShape(statement, (await context.broker.listTopics()).get(statement.topic));
    return { '@type': 'assert_topic', statementText: parsed.text, topicName: statement.topic, exists };
  },
};

export async function answerStatement(
  parsed: ParsedStatement,
  planned: PlannedStatement,
  scope: AnswerScope,
): Promise<Entity | undefined> {
  const answer = answers[parsed.statement.kind] as Answer<Kind> | undefined;
  if (!answer) {
    throw new ApiError(BAD_STATEMENT, `This server does not support the statement: ${parsed.text}`, parsed.text);
  }
  return answer(parsed.statement as never, parsed, scope, planned);
}

function findSource(engine: KsqlEngine, name: string, text: string): DataSource {
  const source = engine.catalog.sources.get(name);
  if (source) return source;
  const similar = [...engine.catalog.sources.keys()].find((other) => other.toUpperCase() === name.toUpperCase());
  const hint =
    similar === undefined
      ? ''
      : `\nDid you mean ${similar}? Hint: ${similar === similar.toUpperCase() ? 'try removing double quotes from the source name.' : 'wrap the source name in double quotes to make it case-sensitive.'}`;
  throw new KsqlStatementError(`Could not find STREAM/TABLE '${name}' in the Metastore${hint}`, text);
}

/** Clients describe all sources one after another, every few seconds; how many partitions a topic has does not change between them. */
const DESCRIBED_FOR_MS = 1_000;

async function sourceDescriptions(
  engine: KsqlEngine,
  context: ServerContext,
  kind: 'STREAM' | 'TABLE',
  statementText: string,
  isExtended: boolean,
): Promise<Entity> {
  const topics = await context.broker.listTopics(DESCRIBED_FOR_MS);
  return {
    '@type': 'source_descriptions',
    statementText,
    sourceDescriptions: await Promise.all(
      ofKind(engine, kind).map(async (source) =>
        sourceDescription(
          source,
          engine,
          topics,
          isExtended ? await offsetSummaries(source, engine, context.broker) : undefined,
          context.host,
        ),
      ),
    ),
  };
}

const ofKind = (engine: KsqlEngine, kind: 'STREAM' | 'TABLE') =>
  [...engine.catalog.sources.values()].filter((source) => source.kind === kind);

/** What this engine writes down for itself: clients of ksqlDB know of no such topics. */
const PRIVATE_TOPIC = /^_confluent-ksql-.*_(lease|checkpoints)$/;
const INTERNAL_TOPIC = /^(_confluent|__|connect-(configs|offsets|status)$|_schemas$)/;

async function showEntity(
  statement: Extract<Statement, { kind: 'show' }>,
  parsed: ParsedStatement,
  scope: AnswerScope,
): Promise<Entity> {
  const { engine, context, session } = scope;
  const statementText = parsed.text;
  switch (statement.what) {
    case 'STREAMS':
    case 'TABLES': {
      const kind = statement.what === 'STREAMS' ? 'STREAM' : 'TABLE';
      if (statement.extended) return sourceDescriptions(engine, context, kind, statementText, true);
      const field = statement.what.toLowerCase();
      return { '@type': field, statementText, [field]: ofKind(engine, kind).map(sourceListItem) };
    }
    case 'QUERIES': {
      const queries = [...engine.queries.values()];
      if (!statement.extended)
        return { '@type': 'queries', statementText, queries: [...queries.map(runningQuery), ...pushQueries(context)] };
      return {
        '@type': 'query_descriptions',
        statementText,
        queryDescriptions: queries.map((query) => queryDescription(query, context.host, explainPlan(query.plan))),
      };
    }
    case 'TOPICS':
    case 'ALL_TOPICS': {
      const topics = [...(await context.broker.listTopics())]
        .filter(([name]) => statement.what === 'ALL_TOPICS' || !INTERNAL_TOPIC.test(name))
        .filter(([name]) => !name.startsWith('__') && !PRIVATE_TOPIC.test(name))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      const readers = (topic: string) =>
        [...engine.queries.values()].filter((query) => query.task?.positions.some((p) => p.topic === topic)).length;
      return {
        '@type': statement.extended ? 'kafka_topics_extended' : 'kafka_topics',
        statementText,
        topics: topics.map(([name, topic]) => ({
          name,
          replicaInfo: Array.from({ length: topic.partitions }, () => topic.replicas),
          ...(statement.extended ? { consumerCount: readers(name), consumerGroupCount: readers(name) } : {}),
        })),
      };
    }
    case 'FUNCTIONS':
      return {
        '@type': 'function_names',
        statementText,
        functions: engine.options.functions.list().map(functionListItem),
      };
    case 'TYPES':
      return {
        '@type': 'type_list',
        statementText,
        types: Object.fromEntries([...engine.catalog.types].map(([name, type]) => [name, schemaInfo(type)])),
      };
    case 'VARIABLES':
      return {
        '@type': 'variables',
        statementText,
        variables: [...session.variables]
          .map(([name, value]) => ({ name, value }))
          .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1)),
      };
    case 'PROPERTIES': {
      return { '@type': 'properties', statementText, ...listedProperties(engine.options.config, session.properties) };
    }
    case 'CONNECTORS':
      return new ConnectProxy(context, statementText).list('ALL');
    case 'SOURCE_CONNECTORS':
      return new ConnectProxy(context, statementText).list('SOURCE');
    case 'SINK_CONNECTORS':
      return new ConnectProxy(context, statementText).list('SINK');
    case 'CONNECTOR_PLUGINS':
      return new ConnectProxy(context, statementText).plugins();
  }
}

async function explainEntity(
  statement: Extract<Statement, { kind: 'explain' }>,
  parsed: ParsedStatement,
  scope: AnswerScope,
): Promise<Entity> {
  const { engine, context, session } = scope;
  if (statement.queryId !== undefined) {
    const query = engine.queries.get(statement.queryId);
    if (!query)
      throw new KsqlStatementError(
        `Query with id:${statement.queryId} does not exist, use SHOW QUERIES to view the full set of queries.`,
        parsed.text,
      );
    return {
      '@type': 'queryDescription',
      statementText: parsed.text,
      queryDescription: queryDescription(query, context.host, explainPlan(query.plan)),
    };
  }
  if (!statement.statement) throw new KsqlStatementError('EXPLAIN needs a query id or a statement', parsed.text);
  const planned = await planToExplain(statement.statement, parsed, scope);
  if (planned.kind !== 'persistentQuery' && planned.kind !== 'pushQuery') {
    const explained = statement.statement.statement;
    const text = explained.kind === 'insertValues' ? printMasked(explained) : parsed.text;
    throw new KsqlStatementError('The provided statement does not run a ksql query', text);
  }
  const { plan } = planned;
  return {
    '@type': 'queryDescription',
    statementText: parsed.text,
    queryDescription: {
      id: plan.queryId,
      statementText: statement.statement.text,
      windowType: plan.resultWindow?.type ?? null,
      fields: fieldInfos({ schema: plan.sink.kind === 'topic' ? plan.sink.schema : plan.root.schema }),
      sources: plan.sourceNames,
      sinks: plan.sink.kind === 'topic' ? [plan.sink.sourceName] : [],
      topology: '',
      executionPlan: explainPlan(plan),
      overriddenProperties: typedProperties(Object.fromEntries(session.properties)),
      ksqlHostQueryStatus: {},
      queryType: plan.sink.kind === 'topic' ? 'PERSISTENT' : 'PUSH',
      queryErrors: [],
      tasksMetadata: [],
      consumerGroupId:
        plan.sink.kind === 'topic'
          ? engine.applicationId(plan.queryId)
          : `${engine.applicationId(plan.queryId)}_transient`,
      state: null,
    },
  };
}

function requireTopicShape(
  { topic, properties }: Extract<Statement, { kind: 'assertTopic' }>,
  actual: { readonly partitions: number; readonly replicas: number } | undefined,
): void {
  for (const [name, expression] of properties) {
    const got = { PARTITIONS: actual?.partitions, REPLICAS: actual?.replicas }[name.toUpperCase()];
    const wanted = 'value' in expression ? Number(expression.value) : undefined;
    if (got === undefined || got === wanted) continue;
    throw new ApiError(
      ASSERT_FAILED,
      `Mismatched configuration for topic ${topic}: For config ${name.toLowerCase()}, expected ${wanted} got ${got}`,
    );
  }
}

/** The push queries of this server's clients, as LIST QUERIES shows them. */
const pushQueries = (context: ServerContext): readonly Entity[] =>
  [...context.transientQueries].map(([id, { statementText }]) => ({
    queryString: statementText,
    sinks: [],
    sinkKafkaTopics: [],
    id,
    statusCount: { RUNNING: 1 },
    queryType: 'PUSH',
    state: 'RUNNING',
  }));

async function waitForTopic(
  context: ServerContext,
  topic: string,
  wanted: boolean,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const exists = (await context.broker.listTopics()).has(topic);
    if (exists === wanted || performance.now() > deadline) return exists;
    await delay(50);
  }
}

/** The columns of an answer with their types, back-quoted, as headers of /query show them. */
export const columnList = (
  columns: readonly { name: string; type: Parameters<typeof formatType>[0]; isKey: boolean }[],
  marksKeys: boolean,
) =>
  columns
    .map((column) => `\`${column.name}\` ${formatType(column.type)}${marksKeys && column.isKey ? ' KEY' : ''}`)
    .join(', ');

/** The plan of the statement as it would run; a pull query is shown as the push query of the same words. */
async function planToExplain(
  explained: ParsedStatement,
  parsed: ParsedStatement,
  { engine, session }: AnswerScope,
): Promise<PlannedStatement> {
  try {
    const planned = await engine.plan(explained, session);
    const { statement } = explained;
    if (planned.kind !== 'pullQuery' || statement.kind !== 'query') return planned;
    const push: Statement = { kind: 'query', query: { ...statement.query, emit: 'CHANGES' } };
    return await engine.plan({ ...explained, statement: push }, session);
  } catch (error) {
    if (!(error instanceof KsqlError) || error.errorCode >= 50000) throw error;
    throw new KsqlStatementError(error.message, parsed.text, { cause: error });
  }
}
