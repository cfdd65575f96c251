import { PreparationError } from '../../analyze/preparation-error.js';
import { CREATE_AS_PROPERTIES } from '../../analyze/with/known-properties.js';
import { PropertyReader } from '../../analyze/with/property-reader.js';
import { parseColumnName, readTimestampColumn } from '../../analyze/with/timestamp-column.js';
import type { QualifiedQuery } from '../../analyze/query/qualified-query.js';
import type { DataSource } from '../../catalog/data-source.js';
import { KsqlError } from '../../errors/sql-error.js';
import { KsqlRequestError } from '../../errors/user-errors.js';
import type { BuiltQuery } from '../../plan/build-query.js';
import { PLAN_VERSION, type QueryPlan } from '../../plan/nodes.js';
import { requirePlanUpgrade } from '../../plan/upgrade.js';
import type { CreateAsSelect } from '../../syntax/ast/statement.js';
import { printStatement } from '../../syntax/print/statement.js';
import { withProperties } from '../canonical-properties.js';
import { withSource } from '../../catalog/catalog-edit.js';
import type { EngineContext } from '../engine-context.js';
import { alreadyExistsWarning, replacedSource } from '../existing-source.js';
import type { ExistingQuery, PlannedStatement } from '../planned-statement.js';
import { sinkTopic } from '../sink-topic.js';
import { requireUpgradeable } from '../source-upgrade.js';
import { withStatementText } from '../statement-failure.js';
import { topicsToCreate, type WantedTopic } from '../topic-requirements.js';
import { withExpressionText } from './expression-failure.js';
import { build, qualify } from './query-planning.js';

/** CREATE STREAM AS SELECT, CREATE TABLE AS SELECT. */
export function planCreateAsSelect(statement: CreateAsSelect, text: string, context: EngineContext): PlannedStatement {
  const { catalog } = context;
  const entity = {
    entityType: statement.sourceKind === 'STREAM' ? 'stream' : 'table',
    entityName: statement.name,
  } as const;
  const warning = alreadyExistsWarning(statement, catalog);
  if (warning !== undefined) {
    return {
      kind: 'catalogChange',
      action: 'nothing',
      canonicalText: text,
      catalog,
      message: warning,
      isWarning: true,
      topicsToCreate: [],
      topicsToDelete: [],
      terminatedQueryIds: [],
      query: undefined,
      ...entity,
    };
  }
  const reader = new PropertyReader(statement.properties);
  PreparationError.around(() => {
    if (statement.query.limit !== undefined) {
      throw new KsqlError(`CREATE ${statement.sourceKind} AS SELECT statements don't support LIMIT clause.`);
    }
    reader.requireKnown(CREATE_AS_PROPERTIES);
  });
  const query = qualify(implied(statement.query), context);
  const prepared: CreateAsSelect = { ...statement, query: query.query };
  const preparedText = printStatement(prepared).replace(/;$/, '');
  return withStatementText(quotedStatement(prepared, query, reader, context), () =>
    plan(prepared, preparedText, query, reader, entity, context),
  );
}

/** The statement as refusals quote it: with the topic that it would have had. */
function quotedStatement(
  statement: CreateAsSelect,
  query: QualifiedQuery,
  reader: PropertyReader,
  { topics, property }: EngineContext,
): string {
  const leftmost = query.sources[0]?.source;
  const sourceTopic = leftmost && topics.describe(leftmost.topic.topic);
  const isWindowed = statement.query.window !== undefined || leftmost?.topic.window !== undefined;
  return printStatement({
    ...statement,
    properties: withProperties(statement.properties, {
      CLEANUP_POLICY: statement.sourceKind === 'STREAM' ? 'delete' : isWindowed ? 'compact,delete' : 'compact',
      KAFKA_TOPIC: reader.text('KAFKA_TOPIC') ?? `${property('ksql.output.topic.name.prefix') ?? ''}${statement.name}`,
      PARTITIONS: sourceTopic?.partitions ?? 1,
      REPLICAS: sourceTopic?.replicas ?? 1,
      RETENTION_MS: sourceTopic?.retentionMs ?? (leftmost ? usualRetention(leftmost) : undefined),
    }),
  });
}

/** EMIT CHANGES goes without saying. */
const implied = (query: CreateAsSelect['query']): CreateAsSelect['query'] => ({
  ...query,
  emit: query.emit ?? 'CHANGES',
});

function plan(
  statement: CreateAsSelect,
  text: string,
  query: QualifiedQuery,
  reader: PropertyReader,
  entity: { readonly entityType: 'stream' | 'table'; readonly entityName: string },
  context: EngineContext,
): PlannedStatement {
  const { catalog } = context;
  const replaced = replacedSource(statement, false, catalog);
  requireTimestampItem(reader, query);
  const built = withExpressionText('persistent', () => build(query, statement.name, context));
  requireResultKind(statement, built);
  const leftmost = (query.sources[0] as QualifiedQuery['sources'][number]).source;
  const topic = sinkTopic(
    reader,
    { sinkName: statement.name, schema: built.schema, window: built.window, leftmost },
    context,
    text,
  );
  const timestamp = readTimestampColumn(reader, [...built.schema.key, ...built.schema.value]);
  const previous = replaced === undefined ? undefined : replacedQuery(replaced, context);
  const prefix = statement.sourceKind === 'STREAM' ? 'CSAS' : 'CTAS';
  const queryId = previous?.queryId ?? `${prefix}_${statement.name.toUpperCase()}_${context.nextQueryNumber}`;
  const queryPlan: QueryPlan = {
    version: PLAN_VERSION,
    queryId,
    root: built.root,
    resultKind: built.resultKind,
    resultWindow: built.windowSpec,
    sink: { kind: 'topic', sourceName: statement.name, topic, schema: built.schema, timestamp },
    sourceNames: query.sources.map(({ source }) => source.name),
    internalTopics: built.internalTopics,
  };
  const draft: Omit<DataSource, 'statementText'> = {
    kind: statement.sourceKind,
    name: statement.name,
    schema: built.schema,
    topic,
    timestamp,
    isCreatedAsSelect: true,
    isSource: false,
  };
  if (replaced !== undefined) requireUpgradeable(replaced, draft);
  if (previous !== undefined) requirePlanUpgrade(previous.plan, queryPlan);

  const sourceTopic = context.topics.describe(leftmost.topic.topic);
  const policy = cleanupPolicy(draft);
  const wanted: WantedTopic = {
    topic: topic.topic,
    partitions: reader.integer('PARTITIONS') ?? sourceTopic?.partitions,
    replicas: reader.integer('REPLICAS') ?? sourceTopic?.replicas,
    retentionMs: retention(reader, built, sourceTopic?.retentionMs),
    cleanupPolicy: policy,
  };
  const canonicalText = printStatement({
    ...statement,
    properties: withProperties(statement.properties, {
      CLEANUP_POLICY: policy,
      KAFKA_TOPIC: topic.topic,
      PARTITIONS: wanted.partitions ?? 1,
      REPLICAS: wanted.replicas ?? 1,
      RETENTION_MS: wanted.retentionMs ?? usualRetention(leftmost),
    }),
  });
  const sink: DataSource = { ...draft, statementText: canonicalText };
  return {
    kind: 'persistentQuery',
    canonicalText,
    catalog: withSource(catalog, sink, queryPlan.sourceNames),
    plan: queryPlan,
    queryKind: 'CREATE_AS',
    sink,
    topicsToCreate: requiredTopics(context, wanted, reader),
    replacesQueryId: previous?.queryId,
    isWarning: false,
    message: `Created query with ID ${queryId}`,
    ...entity,
  };
}

/** The sink's record time is one of its columns. */
function requireTimestampItem(reader: PropertyReader, { items }: QualifiedQuery): void {
  const text = reader.text('TIMESTAMP');
  if (text === undefined) return;
  const name = parseColumnName(text);
  if (items.some((item) => item.kind === 'all' || item.name === name)) return;
  throw new KsqlError(`The TIMESTAMP column set in the WITH clause does not exist in the schema: '${name}'`);
}

/** An existing sink topic is taken as it is unless the statement asks for another shape. */
function requiredTopics(context: EngineContext, wanted: WantedTopic, reader: PropertyReader) {
  const exists = context.topics.describe(wanted.topic) !== undefined;
  const asked: WantedTopic = exists
    ? { ...wanted, partitions: reader.integer('PARTITIONS'), replicas: reader.integer('REPLICAS') }
    : wanted;
  return topicsToCreate(
    context,
    asked,
    () =>
      new KsqlRequestError(
        `The topic of the first source does not exist, so '${wanted.topic}' cannot take its partitions. Create it, or give PARTITIONS in the WITH clause.`,
      ),
  );
}

function requireResultKind(statement: CreateAsSelect, { resultKind }: BuiltQuery): void {
  if (resultKind === statement.sourceKind) return;
  throw new KsqlError(
    `Invalid result type. Your SELECT query produces a ${resultKind}. Please use CREATE ${resultKind} AS SELECT statement instead.`,
  );
}

function cleanupPolicy({ kind, topic }: Pick<DataSource, 'kind' | 'topic'>): WantedTopic['cleanupPolicy'] {
  if (kind === 'STREAM') return 'delete';
  return topic.window === undefined ? 'compact' : 'compact,delete';
}

/** A windowed table's topic keeps at least what its windows keep. */
function retention(
  reader: PropertyReader,
  { windowSpec }: BuiltQuery,
  inherited: number | undefined,
): number | undefined {
  const explicit = reader.integer('RETENTION_MS');
  const chosen = explicit ?? inherited;
  if (windowSpec === undefined || chosen === undefined || chosen < 0) return chosen;
  return Math.max(chosen, windowSpec.retentionMs);
}

/** What a broker keeps that was told nothing: seven days of a stream's topic, all of a table's. */
const usualRetention = ({ kind }: DataSource): number => (kind === 'STREAM' ? 604_800_000 : -1);

/** The running query whose place the new one takes. */
function replacedQuery(replaced: DataSource, { queries }: EngineContext): ExistingQuery | undefined {
  const writers = queries.filter(({ sinkName }) => sinkName === replaced.name);
  const inserts = writers.filter(({ kind }) => kind === 'INSERT').map(({ queryId }) => queryId);
  if (inserts.length > 0) {
    throw new KsqlError(
      `Cannot replace ${replaced.kind.toLowerCase()} '${replaced.name}': INSERT INTO queries write into it: [${inserts.join(', ')}]. Terminate them first.`,
    );
  }
  return writers.find(({ kind }) => kind === 'CREATE_AS');
}
