import type { FormatInfo, FormatName, Wrapping } from '../../catalog/data-source.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { PropertyReader } from './property-reader.js';
import { readDelimiter } from './delimiter.js';

interface FormatTraits {
  /** Which settings of a single column's wrapping the format can be asked for. */
  readonly wrap: boolean;
  readonly unwrap: boolean;
  /** A single key column is always written bare and recorded so. */
  readonly unwrapsKeys: boolean;
  readonly properties: ReadonlySet<string>;
}
const traits = (wrap: boolean, unwrap: boolean, unwrapsKeys: boolean, ...properties: string[]): FormatTraits => ({
  wrap,
  unwrap,
  unwrapsKeys,
  properties: new Set(properties),
});

export const FORMAT_TRAITS: Readonly<Record<FormatName, FormatTraits>> = {
  NONE: traits(false, false, false),
  KAFKA: traits(false, true, false),
  DELIMITED: traits(false, true, false, 'delimiter'),
  JSON: traits(true, true, true),
  JSON_SR: traits(true, true, true, 'fullSchemaName', 'schemaId', 'subjectName'),
  AVRO: traits(true, true, true, 'fullSchemaName', 'schemaId', 'subjectName'),
  PROTOBUF: traits(true, false, false, 'fullSchemaName', 'schemaId', 'subjectName', 'nullableRepresentation'),
  PROTOBUF_NOSR: traits(true, true, true, 'nullableRepresentation'),
};

const isFormatName = (name: string): name is FormatName => Object.hasOwn(FORMAT_TRAITS, name);

/** @throws KsqlError `Unknown format: …` */
export function readFormatName(text: string): FormatName {
  const name = text.trim().toUpperCase();
  if (!isFormatName(name)) throw new KsqlError(`Unknown format: ${name}`);
  return name;
}

/** The names that the WITH clause gives for key and value; FORMAT sets both. */
export function readFormatNames(reader: PropertyReader): {
  readonly key: FormatName | undefined;
  readonly value: FormatName | undefined;
} {
  const both = reader.text('FORMAT');
  if (both !== undefined) {
    for (const single of ['KEY_FORMAT', 'VALUE_FORMAT']) {
      if (reader.has(single)) {
        throw new KsqlError(
          `Cannot supply both '${single}' and 'FORMAT' properties, as 'FORMAT' sets both key and value formats. Either use just 'FORMAT', or use 'KEY_FORMAT' and 'VALUE_FORMAT'.`,
        );
      }
    }
    const name = readFormatName(both);
    return { key: name, value: name };
  }
  const key = reader.text('KEY_FORMAT');
  const value = reader.text('VALUE_FORMAT');
  return {
    key: key === undefined ? undefined : readFormatName(key),
    value: value === undefined ? undefined : readFormatName(value),
  };
}

/** WITH properties that go into a format, by part. */
const FORMAT_PROPERTIES: readonly (readonly [suffix: string, property: string])[] = [
  ['SCHEMA_FULL_NAME', 'fullSchemaName'],
  ['AVRO_SCHEMA_FULL_NAME', 'fullSchemaName'],
  ['SCHEMA_ID', 'schemaId'],
];

/** How protobuf tells a NULL from 0, '' and false; kept in lower case. */
function readNullableRepresentation(property: string, text: string): string {
  const name = text.trim().toLowerCase();
  if (name !== 'optional' && name !== 'wrapper') {
    throw new KsqlError(
      `Invalid value ${text} for property ${property}: String must be one of: OPTIONAL, WRAPPER, null`,
    );
  }
  return name;
}

/** The properties given for one part, without regard to the format. */
export function readFormatProperties(reader: PropertyReader, part: 'KEY' | 'VALUE'): Readonly<Record<string, string>> {
  const properties: Record<string, string> = {};
  const delimiterName = `${part}_DELIMITER`;
  const delimiter = reader.text(delimiterName);
  if (delimiter !== undefined) properties['delimiter'] = readDelimiter(delimiterName, delimiter);
  for (const [suffix, property] of FORMAT_PROPERTIES) {
    const text = reader.text(`${part}_${suffix}`);
    if (text !== undefined) properties[property] = text;
  }
  const nullableName = `${part}_PROTOBUF_NULLABLE_REPRESENTATION`;
  const nullable = reader.text(nullableName);
  if (nullable !== undefined) properties['nullableRepresentation'] = readNullableRepresentation(nullableName, nullable);
  return properties;
}

/** @throws KsqlError when the format knows nothing of a property */
export function formatInfo(
  format: FormatName,
  properties: Readonly<Record<string, string>>,
  wrapping?: Wrapping,
): FormatInfo {
  const unsupported = Object.keys(properties).filter((name) => !FORMAT_TRAITS[format].properties.has(name));
  if (unsupported.length > 0) {
    throw new KsqlError(`${format} does not support the following configs: [${unsupported.join(', ')}]`);
  }
  // Wrapper messages are plain columns; older servers made structs of them and did not note this.
  const all = format === 'PROTOBUF' ? { unwrapPrimitives: 'true', ...properties } : properties;
  return wrapping === undefined ? { format, properties: all } : { format, properties: all, wrapping };
}

const AVRO_NAMESPACE = 'io.confluent.ksql.avro_schemas';

/** The schema of an AVRO key bears the name of its source, so that keys of several sources may stand in one. */
export function withKeySchemaName(info: FormatInfo, sourceName: string): FormatInfo {
  if (info.format !== 'AVRO' || 'fullSchemaName' in info.properties) return info;
  const words = sourceName.split('_').filter((word) => word !== '');
  const name = words.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1).toLowerCase()}`).join('');
  return { ...info, properties: { ...info.properties, fullSchemaName: `${AVRO_NAMESPACE}.${name}Key` } };
}

/** Keys of one column are written bare: recorded for the formats where that is a choice. */
export function keyWrapping(format: FormatName, columnCount: number): Wrapping | undefined {
  return columnCount === 1 && FORMAT_TRAITS[format].unwrapsKeys ? 'UNWRAP_SINGLES' : undefined;
}

/** How a value of one column stands: WITH over configuration over the format's own way (undefined). */
export function valueWrapping(
  format: FormatName,
  columnCount: number,
  explicit: boolean | undefined,
  configured: boolean | undefined,
): Wrapping | undefined {
  if (explicit !== undefined && columnCount !== 1) {
    throw new KsqlError("'WRAP_SINGLE_VALUE' is only valid for single-field value schemas");
  }
  const { wrap, unwrap } = FORMAT_TRAITS[format];
  const supports = (choice: boolean): boolean => (choice ? wrap : unwrap);
  if (explicit !== undefined) {
    if (!supports(explicit)) {
      throw new KsqlError(`Format '${format}' does not support 'WRAP_SINGLE_VALUE' set to '${explicit}'.`);
    }
    return wrap && unwrap ? wrappingOf(explicit) : undefined;
  }
  if (configured === undefined || columnCount !== 1 || !(wrap && unwrap)) return undefined;
  return wrappingOf(configured);
}

const wrappingOf = (wrap: boolean): Wrapping => (wrap ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES');
