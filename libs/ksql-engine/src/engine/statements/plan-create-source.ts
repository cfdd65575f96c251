import { analyzeCreateSource, type AnalyzedSource } from '../../analyze/source/analyze-create-source.js';
import { resolveType } from '../../analyze/resolve-type.js';
import { formatInfo, readFormatName, readFormatProperties } from '../../analyze/with/format-properties.js';
import { PropertyReader } from '../../analyze/with/property-reader.js';
import type { DataSource } from '../../catalog/data-source.js';
import { PreparationError } from '../../analyze/preparation-error.js';
import { KsqlError, ParseFailedError } from '../../errors/sql-error.js';
import { KsqlRequestError } from '../../errors/user-errors.js';
import { PLAN_VERSION, type QueryPlan } from '../../plan/nodes.js';
import { buildSource } from '../../plan/build-source.js';
import type { ColumnDeclaration, CreateSource, SourceKind } from '../../syntax/ast/statement.js';
import { printStatement } from '../../syntax/print/statement.js';
import { withProperties } from '../canonical-properties.js';
import { withSource } from '../../catalog/catalog-edit.js';
import type { EngineContext } from '../engine-context.js';
import { alreadyExistsWarning, replacedSource } from '../existing-source.js';
import type { PlannedStatement } from '../planned-statement.js';
import { requireUpgradeable } from '../source-upgrade.js';
import { withStatementText } from '../statement-failure.js';
import { topicsToCreate, type WantedTopic } from '../topic-requirements.js';
import { withDeclaredSchemas } from '../written-schemas.js';

/** CREATE STREAM, CREATE TABLE over a topic. */
export function planCreateSource(statement: CreateSource, text: string, context: EngineContext): PlannedStatement {
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
  const preparedText = preparedStatement(statement, text, context);
  return withStatementText(preparedText, () => {
    try {
      return plan(statement, entity, context);
    } catch (error) {
      // What fails before the formats are known is quoted as it was typed.
      if (error instanceof PreparationError) throw new ParseFailedError(error.message, text);
      throw error;
    }
  });
}

function plan(
  statement: CreateSource,
  entity: { readonly entityType: 'stream' | 'table'; readonly entityName: string },
  context: EngineContext,
): PlannedStatement {
  const { catalog } = context;
  const nothing = { topicsToDelete: [], terminatedQueryIds: [], query: undefined } as const;
  const analyzed = analyzeCreateSource(statement, {
    types: catalog.types,
    property: context.property,
    schemas: context.schemas,
  });
  const replaced = replacedSource(statement, statement.isSource, catalog);
  if (replaced !== undefined) {
    requireUpgradeable(replaced, analyzed.source);
    if (replaced.isCreatedAsSelect) {
      throw new KsqlError(
        `Cannot replace ${replaced.kind.toLowerCase()} '${replaced.name}': it was made by a query. Use CREATE OR REPLACE … AS SELECT.`,
      );
    }
  }
  const policy = cleanupPolicy(analyzed);
  const canonicalText = canonical(statement, analyzed, policy, undefined);
  const wanted: WantedTopic = {
    topic: analyzed.source.topic.topic,
    partitions: analyzed.partitions,
    replicas: analyzed.replicas,
    retentionMs: analyzed.retentionMs,
    cleanupPolicy: policy,
  };
  if (
    analyzed.retentionMs !== undefined &&
    analyzed.source.kind === 'TABLE' &&
    analyzed.source.topic.window === undefined
  ) {
    throw new KsqlRequestError(
      'Invalid config variable in the WITH clause: RETENTION_MS. Non-windowed tables do not support retention.',
    );
  }
  const toCreate = topicsToCreate(context, wanted, () => {
    const example = canonical(statement, analyzed, undefined, 2);
    return new KsqlRequestError(
      `Topic '${wanted.topic}' does not exist. If you want to create a new topic for the stream/table please re-run the statement providing the required 'PARTITIONS' configuration in the WITH clause (and optionally 'REPLICAS'). For example: ${example}`,
    );
  });
  const { topic, schema } = analyzed.source;
  const source: DataSource = {
    ...analyzed.source,
    topic: withDeclaredSchemas(topic, schema, context.schemas),
    statementText: canonicalText,
  };
  const query = statement.isSource && source.kind === 'TABLE' ? materialization(source, context) : undefined;
  return {
    kind: 'catalogChange',
    action: 'create',
    canonicalText,
    catalog: withSource(catalog, source, []),
    message:
      query === undefined
        ? `${source.kind === 'STREAM' ? 'Stream' : 'Table'} created`
        : `Created query with ID ${query.queryId}`,
    isWarning: false,
    topicsToCreate: toCreate,
    ...nothing,
    query,
    ...entity,
  };
}

const cleanupPolicy = ({ source }: AnalyzedSource): WantedTopic['cleanupPolicy'] =>
  usualCleanup(source.kind, source.topic.window !== undefined);

function usualCleanup(kind: SourceKind, isWindowed: boolean): WantedTopic['cleanupPolicy'] {
  if (kind === 'STREAM') return 'delete';
  return isWindowed ? 'compact,delete' : 'compact';
}

/**
 * The statement as refusals quote it: types resolved, formats and clean-up written out. What keeps it from being prepared at all
 * leaves it as it was typed.
 */
function preparedStatement(statement: CreateSource, text: string, { catalog, property }: EngineContext): string {
  const reader = new PropertyReader(statement.properties);
  const format = (part: 'KEY' | 'VALUE'): string | undefined =>
    reader.text('FORMAT') ??
    reader.text(`${part}_FORMAT`) ??
    property(`ksql.persistence.default.format.${part.toLowerCase()}`);
  const [key, value] = [format('KEY'), format('VALUE')];
  if (!key || !value) return text;
  try {
    const columns = statement.columns.map((column): ColumnDeclaration => {
      return { ...column, type: { kind: 'builtin', type: resolveType(column.type, catalog.types) } };
    });
    const hasFormat = statement.properties.has('FORMAT');
    return printStatement({
      ...statement,
      columns,
      properties: withProperties(statement.properties, {
        CLEANUP_POLICY: hasUsableFormats(reader, key, value)
          ? usualCleanup(statement.sourceKind, statement.properties.has('WINDOW_TYPE'))
          : undefined,
        KEY_FORMAT: hasFormat ? undefined : key,
        VALUE_FORMAT: hasFormat ? undefined : value,
      }),
    });
  } catch (error) {
    if (error instanceof KsqlError) return text;
    throw error;
  }
}

/** False for a format of no such name, or with a property that it does not have. */
function hasUsableFormats(reader: PropertyReader, key: string, value: string): boolean {
  try {
    formatInfo(readFormatName(key), readFormatProperties(reader, 'KEY'));
    formatInfo(readFormatName(value), readFormatProperties(reader, 'VALUE'));
    return true;
  } catch (error) {
    if (error instanceof KsqlError) return false;
    throw error;
  }
}

function canonical(
  statement: CreateSource,
  { source, columns }: AnalyzedSource,
  policy: string | undefined,
  partitions: number | undefined,
): string {
  const hasFormat = statement.properties.has('FORMAT');
  const given = new Map(statement.properties);
  // Where one of the two is the server's choice both are written as it spells them.
  if (!hasFormat && !(given.has('KEY_FORMAT') && given.has('VALUE_FORMAT'))) {
    given.delete('KEY_FORMAT');
    given.delete('VALUE_FORMAT');
  }
  return printStatement({
    ...statement,
    columns,
    properties: withProperties(given, {
      CLEANUP_POLICY: policy,
      KEY_FORMAT: hasFormat ? undefined : source.topic.keyFormat.format,
      VALUE_FORMAT: hasFormat ? undefined : source.topic.valueFormat.format,
      PARTITIONS: partitions,
    }),
  });
}

/** CREATE SOURCE TABLE keeps the table's rows, so that pull queries can read them. */
function materialization(source: DataSource, context: EngineContext): QueryPlan {
  const { node, window } = buildSource({ alias: source.name, source }, 'KsqlTopic');
  return {
    version: PLAN_VERSION,
    queryId: `CST_${source.name.toUpperCase()}_${context.nextQueryNumber}`,
    root: node,
    resultKind: 'TABLE',
    resultWindow:
      window?.sizeMs === undefined
        ? undefined
        : {
            type: window.type,
            sizeMs: window.sizeMs,
            advanceMs: window.sizeMs,
            graceMs: 0,
            retentionMs: window.sizeMs,
          },
    sink: { kind: 'materialized' },
    sourceNames: [source.name],
    internalTopics: [],
  };
}
