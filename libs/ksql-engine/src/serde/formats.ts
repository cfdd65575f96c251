import type { FormatInfo, FormatName } from '../catalog/data-source.js';
import { avroFormat } from './avro.js';
import { delimitedFormat } from './delimited.js';
import type { Format, Serde } from './format.js';
import type { SerdeOptions } from './serde-options.js';
import { jsonSrFormat } from './json-sr.js';
import { jsonFormat } from './json.js';
import { kafkaFormat } from './kafka.js';
import { EMPTY_ROW, NOTHING, noneFormat } from './none.js';
import { protobufNosrFormat } from './protobuf-nosr.js';
import { protobufFormat } from './protobuf.js';

/** Every format, by name. A new one is one file, one line here, and the contract suite. */
export const FORMATS: { readonly [K in FormatName]: Format } = {
  JSON: jsonFormat,
  DELIMITED: delimitedFormat,
  KAFKA: kafkaFormat,
  NONE: noneFormat,
  AVRO: avroFormat,
  JSON_SR: jsonSrFormat,
  PROTOBUF: protobufFormat,
  PROTOBUF_NOSR: protobufNosrFormat,
};

export function formatOf(info: FormatInfo): Format {
  return FORMATS[info.format];
}

/** Formats that write at least one column. */
const NEVER_EMPTY: ReadonlySet<FormatName> = new Set<FormatName>(['DELIMITED', 'KAFKA']);

/**
 * The serde of one part of a topic. A key without columns reads and writes nothing, whatever its format; a value without columns is a
 * row all the same, and not the null that a tombstone is.
 */
export function createSerde(options: SerdeOptions): Serde {
  if (options.columns.length === 0) {
    if (options.isKey) return NOTHING;
    if (NEVER_EMPTY.has(options.info.format)) return EMPTY_ROW;
  }
  return formatOf(options.info).createSerde(options);
}

/**
 * A serde for bytes that go nowhere, such as those that an order follows: where the format's schemas live in a registry, it writes with
 * the schema of these columns, which nobody needs to register.
 */
export function createLocalSerde(options: SerdeOptions): Serde {
  const { info } = options;
  const codec = formatOf(info).registry;
  if (codec === undefined || options.columns.length === 0) return createSerde(options);
  const { type, text } = codec.schemaOf(options);
  return createSerde({ ...options, info: { ...info, schema: { id: 0, type, text, references: [] } } });
}
