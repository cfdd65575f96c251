import type { FormatInfo } from '../../catalog/data-source.js';
import type { Column } from '../../catalog/schema.js';
import { KsqlError } from '../../errors/sql-error.js';
import { RegistryRequiredError } from '../../errors/user-errors.js';
import { subjectOf, type RegisteredSchema, type SchemaLookup, type StoredSchema } from '../../ports/schema-registry.js';
import { formatOf } from '../../serde/formats.js';

/** The key or the value of a source, as its statement says it. */
interface DeclaredPart {
  readonly topic: string;
  readonly isKey: boolean;
  readonly columns: readonly Column[];
  /** With the wrapping that a single column of it has. */
  readonly info: FormatInfo;
  /** From KEY_SCHEMA_ID or VALUE_SCHEMA_ID. */
  readonly schemaId: number | undefined;
}

export interface SourcePart {
  readonly columns: readonly Column[];
  /** Those of them that a schema gave. */
  readonly inferred: readonly Column[];
  /** Without wrapping, which hangs on the number of columns. */
  readonly info: FormatInfo;
}

/**
 * The part with its columns. Where it has none and its format's schemas live in a registry, they are those of a schema: the one with the
 * id that the statement names, or the newest of the subject.
 *
 * @throws RegistryRequiredError without a registry; KsqlError for a schema that is not there, is of another kind or gives no columns
 */
export function sourcePart(declared: DeclaredPart, schemas: SchemaLookup | undefined): SourcePart {
  const { topic, isKey, columns, info, schemaId } = declared;
  const plain: FormatInfo = { format: info.format, properties: info.properties };
  const headers = columns.filter(({ header }) => header !== undefined);
  if (columns.length > headers.length) {
    if (schemaId === undefined) return { columns, inferred: [], info: plain };
    throw new KsqlError(
      `Table elements and ${isKey ? 'KEY' : 'VALUE'}_SCHEMA_ID cannot both exist for create statement.`,
    );
  }
  const codec = formatOf(info).registry;
  if (codec === undefined) return { columns, inferred: [], info: plain };
  if (schemas === undefined) throw notConfigured(topic, isKey);
  const schema = schemaId === undefined ? latestOf(topic, isKey, info, schemas) : schemaById(schemaId, info, schemas);
  const inferred = codec.columnsOf(schema, { isKey, isById: schemaId !== undefined, info });
  return {
    columns: [...inferred.columns, ...headers],
    inferred: inferred.columns,
    info: { ...plain, properties: { ...plain.properties, ...inferred.properties }, schema: withoutImports(schema) },
  };
}

/** What sources and plans keep of a schema. */
export const withoutImports = ({ id, type, text, references }: StoredSchema): RegisteredSchema => ({
  id,
  type,
  text,
  references,
});

/** @throws KsqlError where the registry has no schema with this id, or it is not of the format */
export function schemaById(id: number, info: FormatInfo, schemas: SchemaLookup): StoredSchema {
  const schema = schemas.byId(id);
  if (schema === undefined) throw new KsqlError(`There is no schema with the id ${id} in the schema registry.`);
  if (schema.type !== formatOf(info).registry?.schemaType) throw wrongType(schema, info);
  return schema;
}

function latestOf(topic: string, isKey: boolean, info: FormatInfo, schemas: SchemaLookup): StoredSchema {
  const subject = subjectOf(topic, isKey);
  const schema = schemas.latest(subject);
  if (schema !== undefined) {
    if (schema.type !== formatOf(info).registry?.schemaType) throw wrongType(schema, info);
    return schema;
  }
  const part = isKey ? 'keys' : 'values';
  throw new KsqlError(
    `Schema for message ${part} on topic '${topic}' does not exist in the Schema Registry.\nSubject: ${subject}\n` +
      `Either register one, give the columns in the statement, or name a schema by ${isKey ? 'KEY' : 'VALUE'}_SCHEMA_ID.` +
      (isKey ? " A stream without keys has KEY_FORMAT='NONE'." : ''),
  );
}

const wrongType = ({ id, type }: StoredSchema, { format }: FormatInfo): KsqlError =>
  new KsqlError(`The schema with the id ${id} is of the type ${type}, which the format ${format} does not read.`);

function notConfigured(topic: string, isKey: boolean): RegistryRequiredError {
  const reason =
    'KSQL is not configured to use a schema registry. To enable it, please\n\tset ksql.schema.registry.url';
  return new RegistryRequiredError(
    `Schema registry fetch for topic ${isKey ? 'key' : 'value'} request failed for topic: ${topic}\nCaused by: ${reason}\nCaused by: ${reason}`,
  );
}
