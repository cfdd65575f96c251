import { FORMAT_TRAITS } from '../../analyze/with/format-properties.js';
import type {
  DataSource,
  FormatInfo,
  FormatName,
  TimestampColumn,
  TopicInfo,
  WindowInfo,
} from '../../catalog/data-source.js';
import type { Column, Schema } from '../../catalog/schema.js';
import type { RegisteredSchema, ResolvedReference } from '../../ports/schema-registry.js';
import { byKind, flag, list, number, object, oneOf, optional, text, texts } from './json-codec.js';
import { sqlType } from './sql-codec.js';

const column = object<Column>({
  name: text,
  type: sqlType,
  header: optional(
    byKind<NonNullable<Column['header']>>('header column', { all: object({}), one: object({ key: text }) }),
  ),
});

export const schema = object<Schema>({ key: list(column), value: list(column) });

const registeredSchema = object<RegisteredSchema>({
  id: number,
  type: oneOf('AVRO', 'JSON', 'PROTOBUF'),
  text,
  references: list(object<ResolvedReference>({ name: text, text })),
});

const formatInfo = object<FormatInfo>({
  format: oneOf(...(Object.keys(FORMAT_TRAITS) as FormatName[])),
  properties: texts,
  wrapping: optional(oneOf('WRAP_SINGLES', 'UNWRAP_SINGLES')),
  schema: optional(registeredSchema),
});

const windowInfo = object<WindowInfo>({
  type: oneOf('TUMBLING', 'HOPPING', 'SESSION'),
  sizeMs: optional(number),
});

export const topicInfo = object<TopicInfo>({
  topic: text,
  keyFormat: formatInfo,
  valueFormat: formatInfo,
  window: optional(windowInfo),
});

export const timestampColumn = object<TimestampColumn>({ name: text, format: optional(text) });

/** A stream or table of the catalog. */
export const dataSource = object<DataSource>({
  kind: oneOf('STREAM', 'TABLE'),
  name: text,
  schema,
  topic: topicInfo,
  timestamp: optional(timestampColumn),
  isCreatedAsSelect: flag,
  isSource: flag,
  statementText: text,
});
