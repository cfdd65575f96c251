import type { FormatInfo, FormatName } from '../catalog/data-source.js';
import { avroFormat } from './avro.js';
import { delimitedFormat } from './delimited.js';
import type { Format, Serde, SerdeOptions } from './format.js';
import { jsonSrFormat } from './json-sr.js';
import { jsonFormat } from './json.js';
import { kafkaFormat } from './kafka.js';
import { NOTHING, noneFormat } from './none.js';
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

/** The serde of one part of a topic. A part without columns reads and writes nothing, whatever its format. */
export function createSerde(options: SerdeOptions): Serde {
  return options.columns.length === 0 ? NOTHING : formatOf(options.info).createSerde(options);
}
