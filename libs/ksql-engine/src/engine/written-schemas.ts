import { schemaById, withoutImports } from '../analyze/source/inferred-columns.js';
import type { FormatInfo, TopicInfo } from '../catalog/data-source.js';
import { formatColumn } from '../catalog/format-schema.js';
import type { Column, Schema } from '../catalog/schema.js';
import { KsqlError } from '../errors/sql-error.js';
import { subjectOf, type RegisteredSchema, type SchemaLookup, type StoredSchema } from '../ports/schema-registry.js';
import { formatOf } from '../serde/formats.js';
import type { RegistryCodec } from '../serde/registry-codec.js';
import { sameType } from '../types/sql-type.js';

/**
 * The topic with the schemas that its records are written with, each of which is registered under its subject: that of the id that the
 * statement names, or one made of the columns. What has its schema keeps it.
 *
 * @throws KsqlError where the columns do not fit the schema of the id
 */
export const withWrittenSchemas = (topic: TopicInfo, schema: Schema, schemas: SchemaLookup | undefined): TopicInfo =>
  byPart(topic, schema, schemas, (part, known) => {
    const id = part.info.properties['schemaId'];
    if (id !== undefined) return byId(part, Number(id), known);
    return part.info.schema ?? generated(part, known);
  });

/**
 * The topic of a source that declares its columns, or takes them from a schema. A subject that is there is left as it is, as others
 * write the topic: its newest schema is written, where it has these columns. Where it has others, what is written is settled when something
 * is written.
 */
export const withDeclaredSchemas = (topic: TopicInfo, schema: Schema, schemas: SchemaLookup | undefined): TopicInfo =>
  byPart(topic, schema, schemas, (part, known) => {
    const id = part.info.properties['schemaId'];
    if (id !== undefined) return byId(part, Number(id), known);
    if (part.info.schema !== undefined) return part.info.schema;
    const latest = known.latest(part.subject);
    if (latest === undefined) return generated(part, known);
    return hasColumns(latest, part) ? withoutImports(latest) : undefined;
  });

interface Part {
  readonly subject: string;
  readonly isKey: boolean;
  readonly columns: readonly Column[];
  readonly info: FormatInfo;
  readonly codec: RegistryCodec;
}

function byPart(
  topic: TopicInfo,
  { key, value }: Schema,
  schemas: SchemaLookup | undefined,
  schemaOf: (part: Part, schemas: SchemaLookup) => RegisteredSchema | undefined,
): TopicInfo {
  if (schemas === undefined) return topic;
  const withSchema = (isKey: boolean, info: FormatInfo, columns: readonly Column[]): FormatInfo => {
    const codec = formatOf(info).registry;
    if (codec === undefined || columns.length === 0) return info;
    const schema = schemaOf({ subject: subjectOf(topic.topic, isKey), isKey, columns, info, codec }, schemas);
    return schema === undefined ? info : { ...info, schema };
  };
  const body = value.filter(({ header }) => header === undefined);
  return {
    ...topic,
    keyFormat: withSchema(true, topic.keyFormat, key),
    valueFormat: withSchema(false, topic.valueFormat, body),
  };
}

const generated = ({ subject, codec, ...part }: Part, schemas: SchemaLookup): RegisteredSchema =>
  withoutImports(schemas.registered(subject, codec.schemaOf(part)));

function byId(part: Part, id: number, schemas: SchemaLookup): RegisteredSchema {
  const { subject, isKey, columns, info, codec } = part;
  const stored = schemaById(id, info, schemas);
  const physical = codec.columnsOf(stored, { isKey, isById: true, info }).columns;
  const isBare = isKey && info.wrapping === 'UNWRAP_SINGLES';
  const odd = columns.filter((column, index) => !isSame(column, physical[index], isBare));
  if (odd.length > 0) {
    const list = (some: readonly Column[]): string => some.map((column) => formatColumn(column, isKey)).join(', ');
    throw new KsqlError(
      `The following ${isKey ? 'key' : 'value'} columns are changed, missing or reordered: [${list(odd)}]. Schema from schema registry is [${list(physical)}]`,
    );
  }
  schemas.registered(subject, { type: stored.type, text: stored.text, references: stored.imports }, stored.references);
  return withoutImports(stored);
}

function isSame(column: Column, other: Column | undefined, isBare: boolean): boolean {
  return other !== undefined && (isBare || column.name === other.name) && sameType(column.type, other.type);
}

/** Whether a schema of others gives just these columns, so that it can be written. */
function hasColumns(schema: StoredSchema, { isKey, columns, info, codec }: Part): boolean {
  if (schema.type !== codec.schemaType) return false;
  try {
    const theirs = codec.columnsOf(schema, { isKey, isById: false, info }).columns;
    const isBare = info.wrapping === 'UNWRAP_SINGLES';
    return theirs.length === columns.length && columns.every((column, index) => isSame(column, theirs[index], isBare));
  } catch (error) {
    if (error instanceof KsqlError) return false;
    throw error;
  }
}
