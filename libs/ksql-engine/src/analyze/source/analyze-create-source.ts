import type { DataSource, FormatInfo, FormatName, TopicInfo, Wrapping } from '../../catalog/data-source.js';
import type { Column, Schema } from '../../catalog/schema.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { SchemaLookup } from '../../ports/schema-registry.js';
import type { ColumnDeclaration, CreateSource } from '../../syntax/ast/statement.js';
import type { SqlType } from '../../types/sql-type.js';
import { resolveType } from '../resolve-type.js';
import { requireDistinctNames, requireUnreservedNames } from '../rules/column-names.js';
import { requireFormatSupport, requireRegistry } from '../rules/format-support.js';
import { requireValidHeaderColumns } from '../rules/header-columns.js';
import { requireMatchingKeyKind, requirePrimaryKey } from '../rules/key-constraints.js';
import { requireNoMapKeys } from '../rules/map-keys.js';
import { sourcePart, type SourcePart } from './inferred-columns.js';
import {
  formatInfo,
  keyWrapping,
  readFormatName,
  readFormatNames,
  readFormatProperties,
  valueWrapping,
  withKeySchemaName,
} from '../with/format-properties.js';
import { CREATE_PROPERTIES } from '../with/known-properties.js';
import { PropertyReader } from '../with/property-reader.js';
import { readSourceWindow } from '../with/source-window.js';
import { readTimestampColumn } from '../with/timestamp-column.js';
import { PreparationError } from '../preparation-error.js';

export interface AnalysisEnvironment {
  readonly types: ReadonlyMap<string, SqlType>;
  readonly property: (name: string) => string | undefined;
  /** Absent where no schema registry is configured. */
  readonly schemas: SchemaLookup | undefined;
}

/** A CREATE STREAM or CREATE TABLE statement without its place in the catalog. */
export interface AnalyzedSource {
  /** All but `statementText`. */
  readonly source: Omit<DataSource, 'statementText'>;
  readonly partitions: number | undefined;
  readonly replicas: number | undefined;
  readonly retentionMs: number | undefined;
  /** Column declarations with custom types resolved, for the canonical text. */
  readonly columns: readonly ColumnDeclaration[];
}

/** Validates one CREATE STREAM / CREATE TABLE: columns, keys, headers, formats, window, timestamp. */
export function analyzeCreateSource(statement: CreateSource, environment: AnalysisEnvironment): AnalyzedSource {
  const reader = new PropertyReader(statement.properties);
  const prepared = PreparationError.around(() => {
    requireDistinctNames(statement.columns);
    const typed = statement.columns.map((column) => ({
      ...column,
      sqlType: resolveType(column.type, environment.types),
    }));
    requireValidHeaderColumns(typed);
    reader.requireKnown(CREATE_PROPERTIES);
    const topic = reader.text('KAFKA_TOPIC');
    if (topic === undefined) {
      throw new KsqlError('Missing required property "KAFKA_TOPIC" which has no default value.');
    }
    const properties = { key: readFormatProperties(reader, 'KEY'), value: readFormatProperties(reader, 'VALUE') };
    return { typed, topic, properties, window: readSourceWindow(reader) };
  });
  const { typed, topic, window } = prepared;

  requireUnreservedNames(statement.columns);
  requireMatchingKeyKind(statement.sourceKind, statement.columns);
  const declared = schemaOf(typed);
  const names = readFormatNames(reader);
  const key = names.key ?? readFormatName(environment.property('ksql.persistence.default.format.key') ?? 'KAFKA');
  const value = names.value ?? defaultValueFormat(environment);
  const retentionMs = reader.integer('RETENTION_MS');

  const part = (isKey: boolean, info: FormatInfo) => {
    const schemaId = reader.integer(isKey ? 'KEY_SCHEMA_ID' : 'VALUE_SCHEMA_ID');
    const columns = isKey ? declared.key : declared.value;
    return sourcePart({ topic, isKey, columns, info, schemaId }, environment.schemas);
  };
  const keyInfo = formatInfo(key, prepared.properties.key, keyWrapping(key, Math.max(declared.key.length, 1)));
  const valueInfo = formatInfo(value, prepared.properties.value, bareWrapping(reader));
  const parts = { key: part(true, keyInfo), value: part(false, valueInfo) };
  const schema: Schema = { key: parts.key.columns, value: parts.value.columns };
  if (schema.key.length === 0 && schema.value.length === 0) throw new KsqlError('No columns supplied.');
  const columns = [...typed.map(withResolvedType), ...inferredColumns(statement.sourceKind, parts)];
  requirePrimaryKey(statement.sourceKind, columns);
  if (window !== undefined && schema.key.length === 0) throw new KsqlError('Windowed sources require a key column.');
  requireNoMapKeys(schema.key);

  const body = schema.value.filter((column) => column.header === undefined);
  const topicInfo: TopicInfo = {
    topic,
    keyFormat: withWrapping(withKeySchemaName(parts.key.info, statement.name), keyWrapping(key, schema.key.length)),
    valueFormat: withWrapping(
      parts.value.info,
      valueWrapping(value, body.length, reader.boolean('WRAP_SINGLE_VALUE'), configuredWrapping(environment)),
    ),
    ...(window === undefined ? {} : { window }),
  };
  requireRegistry(environment.schemas !== undefined, topic, topicInfo.keyFormat, topicInfo.valueFormat);
  requireFormatSupport('Key', topicInfo.keyFormat, schema.key);
  requireFormatSupport('Value', topicInfo.valueFormat, body);

  return {
    source: {
      kind: statement.sourceKind,
      name: statement.name,
      schema,
      topic: topicInfo,
      timestamp: readTimestampColumn(reader, [...schema.key, ...schema.value]),
      isCreatedAsSelect: false,
      isSource: statement.isSource,
    },
    partitions: reader.integer('PARTITIONS'),
    replicas: reader.integer('REPLICAS'),
    retentionMs,
    columns,
  };
}

const withResolvedType = ({
  sqlType,
  ...column
}: ColumnDeclaration & { readonly sqlType: SqlType }): ColumnDeclaration => ({
  ...column,
  type: { kind: 'builtin', type: sqlType },
});

/** WRAP_SINGLE_VALUE = false makes one column of any schema. */
const bareWrapping = (reader: PropertyReader): Wrapping | undefined =>
  reader.boolean('WRAP_SINGLE_VALUE') === false ? 'UNWRAP_SINGLES' : undefined;

/** What the statement would have said, had it named the columns that schemas give it. */
function inferredColumns(
  kind: CreateSource['sourceKind'],
  parts: { readonly key: SourcePart; readonly value: SourcePart },
): readonly ColumnDeclaration[] {
  const declaration = ({ name, type }: Column, constraint: ColumnDeclaration['constraint']): ColumnDeclaration => ({
    name,
    type: { kind: 'builtin', type },
    constraint,
    location: { line: 1, column: 0 },
  });
  return [
    ...parts.key.inferred.map((column) => declaration(column, { kind: kind === 'STREAM' ? 'key' : 'primaryKey' })),
    ...parts.value.inferred.map((column) => declaration(column, { kind: 'none' })),
  ];
}

function schemaOf(columns: readonly (ColumnDeclaration & { readonly sqlType: SqlType })[]): Schema {
  const key: Column[] = [];
  const value: Column[] = [];
  for (const { name, sqlType: type, constraint } of columns) {
    switch (constraint.kind) {
      case 'key':
      case 'primaryKey':
        key.push({ name, type });
        break;
      case 'headers':
        value.push({ name, type, header: { kind: 'all' } });
        break;
      case 'header':
        value.push({ name, type, header: { kind: 'one', key: constraint.key } });
        break;
      case 'none':
        value.push({ name, type });
        break;
    }
  }
  return { key, value };
}

function defaultValueFormat(environment: AnalysisEnvironment): FormatName {
  const configured = environment.property('ksql.persistence.default.format.value');
  if (configured === undefined || configured === '') {
    throw new KsqlError(
      "Statement is missing the 'VALUE_FORMAT' property from the WITH clause. Either provide one or set a default via the 'ksql.persistence.default.format.value' config.",
    );
  }
  return readFormatName(configured);
}

const withWrapping = (info: FormatInfo, wrapping: FormatInfo['wrapping']): FormatInfo =>
  wrapping === undefined ? info : { ...info, wrapping };

/** `ksql.persistence.wrap.single.values`, when set. */
export function configuredWrapping(environment: Pick<AnalysisEnvironment, 'property'>): boolean | undefined {
  const text = environment.property('ksql.persistence.wrap.single.values')?.toLowerCase();
  return text === undefined || text === '' ? undefined : text === 'true';
}
