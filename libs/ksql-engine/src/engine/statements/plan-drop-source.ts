import type { DataSource, TopicInfo } from '../../catalog/data-source.js';
import { KsqlError } from '../../errors/sql-error.js';
import { KsqlRequestError } from '../../errors/user-errors.js';
import { subjectOf } from '../../ports/schema-registry.js';
import { formatOf } from '../../serde/formats.js';
import type { DropSource } from '../../syntax/ast/statement.js';
import { printStatement } from '../../syntax/print/statement.js';
import { quoteIdentifier } from '../../types/format-type.js';
import { withoutSource } from '../../catalog/catalog-edit.js';
import type { EngineContext } from '../engine-context.js';
import type { PlannedStatement } from '../planned-statement.js';

/** DROP STREAM, DROP TABLE; the query that feeds the source ends with it. */
export function planDropSource(statement: DropSource, text: string, context: EngineContext): PlannedStatement {
  const { catalog, queries } = context;
  const kind = statement.sourceKind.toLowerCase() as 'stream' | 'table';
  const common = {
    kind: 'catalogChange',
    canonicalText: statement.deleteTopic ? printStatement({ ...statement, deleteTopic: false }) : text,
    isWarning: false,
    topicsToCreate: [],
    query: undefined,
    entityType: kind,
    entityName: statement.name,
  } as const;
  const source = catalog.sources.get(statement.name);
  if (source === undefined) {
    if (!statement.ifExists) {
      throw new KsqlError(`${kind === 'stream' ? 'Stream' : 'Table'} ${statement.name} does not exist.`);
    }
    return {
      ...common,
      action: 'nothing',
      catalog,
      message: `Source ${quoteIdentifier(statement.name)} does not exist.`,
      topicsToDelete: [],
      terminatedQueryIds: [],
    };
  }
  if (source.kind !== statement.sourceKind) {
    throw new KsqlError(
      `Incompatible data source type is ${source.kind.toLowerCase()}, but statement was DROP ${kind}`,
    );
  }
  if (statement.deleteTopic) requireOwnTopic(source, context);
  const own = queries.filter(
    ({ kind: queryKind, sinkName, plan }) =>
      (queryKind === 'CREATE_AS' && sinkName === source.name) ||
      (queryKind === 'CREATE_SOURCE' && plan.sourceNames.includes(source.name)),
  );
  requireUnused(
    source,
    own.map(({ queryId }) => queryId),
    context,
  );
  return {
    ...common,
    action: 'drop',
    catalog: withoutSource(catalog, source.name),
    message: `Source ${quoteIdentifier(source.name)} (topic: ${source.topic.topic}) was dropped.`,
    topicsToDelete: statement.deleteTopic ? [source.topic.topic] : [],
    subjectsToDelete: statement.deleteTopic && context.schemas !== undefined ? subjectsOf(source.topic) : [],
    terminatedQueryIds: own.map(({ queryId }) => queryId),
  };
}

/** Where the schemas of a topic are. */
const subjectsOf = ({ topic, keyFormat, valueFormat }: TopicInfo): readonly string[] =>
  [
    { isKey: true, info: keyFormat },
    { isKey: false, info: valueFormat },
  ]
    .filter(({ info }) => formatOf(info).registry !== undefined)
    .map(({ isKey }) => subjectOf(topic, isKey));

function requireOwnTopic(source: DataSource, { catalog }: EngineContext): void {
  if (source.isSource) throw new KsqlRequestError(`Cannot delete topic for read-only source: ${source.name}`);
  const sharing = [...catalog.sources.values()]
    .filter(({ name, topic }) => name !== source.name && topic.topic === source.topic.topic)
    .map(({ name }) => name)
    .sort();
  if (sharing.length > 0) {
    throw new KsqlRequestError(
      `Refusing to delete topic. Found other data sources (${sharing.join(', ')}) using topic ${source.topic.topic}`,
    );
  }
}

/** Nothing else reads the source, no INSERT INTO writes into it. */
function requireUnused({ name }: DataSource, own: readonly string[], { catalog, queries }: EngineContext): void {
  const others = queries.filter(({ queryId }) => !own.includes(queryId));
  const readers = others.filter(({ kind, plan }) => kind === 'INSERT' && plan.sourceNames.includes(name));
  const writers = others.filter(({ sinkName }) => sinkName === name);
  if (readers.length > 0 || writers.length > 0) {
    const ids = (list: typeof others): string =>
      `[${list
        .map(({ queryId }) => queryId)
        .sort()
        .join(', ')}]`;
    throw new KsqlError(
      `Cannot drop ${name}.\nThe following queries read from this source: ${ids(readers)}.\nThe following queries write into this source: ${ids(writers)}.\nYou need to terminate them before dropping ${name}.`,
    );
  }
  const dependants = catalog.readers.get(name) ?? [];
  if (dependants.length > 0) {
    throw new KsqlError(
      `Cannot drop ${name}.\nThe following streams and/or tables read from this source: [${[...dependants].sort().join(', ')}].\nYou need to drop them before dropping ${name}.`,
    );
  }
}
