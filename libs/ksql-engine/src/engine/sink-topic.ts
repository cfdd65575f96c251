import { configuredWrapping } from '../analyze/source/analyze-create-source.js';
import { requireFormatSupport, requireRegistry } from '../analyze/rules/format-support.js';
import { requireNoMapKeys } from '../analyze/rules/map-keys.js';
import {
  formatInfo,
  keyWrapping,
  readFormatName,
  readFormatNames,
  readFormatProperties,
  valueWrapping,
  withKeySchemaName,
} from '../analyze/with/format-properties.js';
import type { PropertyReader } from '../analyze/with/property-reader.js';
import type { DataSource, FormatInfo, FormatName, TopicInfo, WindowInfo } from '../catalog/data-source.js';
import type { Schema } from '../catalog/schema.js';
import { KsqlError } from '../errors/sql-error.js';
import { RegistryRequiredError, UnsupportedSinkError } from '../errors/user-errors.js';
import type { EngineContext } from './engine-context.js';
import { withWrittenSchemas } from './written-schemas.js';

interface SinkShape {
  readonly sinkName: string;
  readonly schema: Schema;
  readonly window: WindowInfo | undefined;
  /** The first source of FROM: formats that the statement leaves open are its formats. */
  readonly leftmost: DataSource;
}

/** Topic name and formats of a CREATE … AS SELECT. */
export function sinkTopic(
  reader: PropertyReader,
  { sinkName, schema, window, leftmost }: SinkShape,
  { property, schemas }: Pick<EngineContext, 'property' | 'schemas'>,
  statementText: string,
): TopicInfo {
  const hasRegistry = schemas !== undefined;
  const names = readFormatNames(reader);
  const topic = reader.text('KAFKA_TOPIC') ?? `${property('ksql.output.topic.name.prefix') ?? ''}${sinkName}`;
  const key = withKeySchemaName(
    keyFormat(names.key, readFormatProperties(reader, 'KEY'), schema, leftmost, property),
    sinkName,
  );
  const valueName = names.value ?? leftmost.topic.valueFormat.format;
  const value = formatInfo(
    valueName,
    inherited(leftmost.topic.valueFormat, valueName, readFormatProperties(reader, 'VALUE')),
    valueWrapping(
      valueName,
      schema.value.length,
      reader.boolean('WRAP_SINGLE_VALUE'),
      configuredWrapping({ property }),
    ),
  );
  try {
    requireNoMapKeys(schema.key);
    requireRegistry(hasRegistry, topic, key, value);
    requireFormatSupport('Key', key, schema.key);
    requireFormatSupport('Value', value, schema.value);
  } catch (error) {
    if (!(error instanceof KsqlError) || error instanceof RegistryRequiredError) throw error;
    throw new UnsupportedSinkError(error.message, statementText, { cause: error });
  }
  const info: TopicInfo = { topic, keyFormat: key, valueFormat: value, ...(window === undefined ? {} : { window }) };
  return withWrittenSchemas(info, schema, schemas);
}

function keyFormat(
  explicit: FormatName | undefined,
  properties: Readonly<Record<string, string>>,
  schema: Schema,
  leftmost: DataSource,
  property: (name: string) => string | undefined,
): FormatInfo {
  if (schema.key.length === 0) {
    if (explicit !== undefined && explicit !== 'NONE' && leftmost.schema.key.length > 0) {
      throw new KsqlError('Key format specified for stream without key columns.');
    }
    const format = leftmost.schema.key.length > 0 ? 'NONE' : (explicit ?? leftmost.topic.keyFormat.format);
    return { format, properties: {} };
  }
  const source = leftmost.topic.keyFormat;
  const inheritedName =
    source.format === 'NONE'
      ? readFormatName(property('ksql.persistence.default.format.key') ?? 'KAFKA')
      : source.format;
  const format = explicit ?? inheritedName;
  return formatInfo(format, inherited(source, format, properties), keyWrapping(format, schema.key.length));
}

/** Properties that say how values are spelled, and go with a format that is passed on. */
const INHERITED_PROPERTIES: readonly string[] = ['delimiter', 'nullableRepresentation'];

/** A format of its own starts afresh. */
function inherited(
  source: FormatInfo,
  format: FormatName,
  properties: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (source.format !== format) return properties;
  const passedOn = Object.entries(source.properties).filter(([name]) => INHERITED_PROPERTIES.includes(name));
  return { ...Object.fromEntries(passedOn), ...properties };
}
