import type { RegisteredSchema } from '../ports/schema-registry.js';
import type { Schema } from './schema.js';

export type FormatName = 'JSON' | 'DELIMITED' | 'KAFKA' | 'NONE' | 'AVRO' | 'JSON_SR' | 'PROTOBUF' | 'PROTOBUF_NOSR';
/** Whether a single column stands bare or inside a record; undefined follows the format. */
export type Wrapping = 'WRAP_SINGLES' | 'UNWRAP_SINGLES';

/** How the key or the value of a topic is written. */
export interface FormatInfo {
  readonly format: FormatName;
  /** DELIMITED: the delimiter character. Others: format-specific, such as a schema's full name. */
  readonly properties: Readonly<Record<string, string>>;
  readonly wrapping?: Wrapping | undefined;
  /** What it is written with, of a format whose schemas live in a registry; records are read by the schema whose id they bear. */
  readonly schema?: RegisteredSchema | undefined;
}

export interface WindowInfo {
  readonly type: 'TUMBLING' | 'HOPPING' | 'SESSION';
  /** Undefined for SESSION. */
  readonly sizeMs?: number | undefined;
}

/** Everything needed to read or write the records of one topic. */
export interface TopicInfo {
  readonly topic: string;
  readonly keyFormat: FormatInfo;
  readonly valueFormat: FormatInfo;
  /** Present when the record key carries a window. */
  readonly window?: WindowInfo | undefined;
}

export interface TimestampColumn {
  readonly name: string;
  /** Java DateTimeFormatter pattern, for a STRING column. */
  readonly format?: string | undefined;
}

/** A registered stream or table. Immutable: a change makes a new object in a new catalog snapshot. */
export interface DataSource {
  readonly kind: 'STREAM' | 'TABLE';
  readonly name: string;
  readonly schema: Schema;
  readonly topic: TopicInfo;
  readonly timestamp?: TimestampColumn | undefined;
  /** Created by a query (CSAS, CTAS). */
  readonly isCreatedAsSelect: boolean;
  /** CREATE SOURCE …: read-only. */
  readonly isSource: boolean;
  /** The canonical statement that made it. */
  readonly statementText: string;
}
