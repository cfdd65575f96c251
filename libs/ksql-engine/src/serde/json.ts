import { KsqlError } from '../errors/sql-error.js';
import { formatType } from '../types/format-type.js';
import type { SqlType } from '../types/sql-type.js';
import type { SqlValue } from '../types/sql-value.js';
import type { Vector, WritableVector } from '../types/vector.js';
import type { ByteWriter } from './byte-writer.js';
import { Serde, type Format } from './format.js';
import { BareJsonReader, JsonRecordReader } from './json-record-reader.js';
import { jsonString } from './json-text.js';
import { CLOSE_OBJECT, jsonWriterOf, nullable, OPEN_OBJECT, type JsonWriter } from './json-writer.js';
import type { RecordReader } from './registry-codec.js';
import { isBare, type SerdeOptions } from './serde-options.js';

/**
 * JSON: one object per record with a field per column, or the bare value of a single unwrapped column.
 *
 * Reading is lenient: an upper-case column takes its field in any case (the exact one wins), another column its exact name alone, unknown
 * fields are skipped, missing ones are null, numbers may stand as text, a STRING takes any JSON. Writing is exact: every column, nulls explicit, decimals with their
 * full scale, doubles as Java spells them.
 */
export const jsonFormat: Format = {
  name: 'JSON',
  supportsKey: true,
  supportsValue: true,
  validate({ columns }) {
    for (const column of columns) checkMaps(column.type, column.name);
  },
  createSerde: (options) => (isBare(options) ? new BareJsonSerde(options) : new JsonSerde(options)),
};

function checkMaps(type: SqlType, column: string): void {
  if (type.kind === 'ARRAY') checkMaps(type.element, column);
  else if (type.kind === 'STRUCT') for (const field of type.fields) checkMaps(field.type, column);
  else if (type.kind === 'MAP') {
    if (type.key.kind !== 'STRING') {
      throw new KsqlError(
        `Format JSON only supports MAPs with STRING keys. Column '${column}' has type ${formatType(type)}`,
      );
    }
    checkMaps(type.value, column);
  }
}

/** Reads JSON text, and says of bytes with a schema id that they are none. */
abstract class JsonTextSerde extends Serde {
  constructor(
    columnCount: number,
    private readonly reader: RecordReader,
  ) {
    super(columnCount);
  }

  decode(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean {
    if (isOfRegistry(bytes, start, end)) return this.fails(OF_REGISTRY);
    const outcome = this.reader.read(bytes, start, end, vectors, at);
    return typeof outcome === 'string' ? this.fails(outcome) : outcome;
  }
}

class JsonSerde extends JsonTextSerde {
  private readonly prefixes: readonly Buffer[];
  private readonly writers: readonly JsonWriter[];

  constructor({ columns, needed }: SerdeOptions) {
    super(columns.length, new JsonRecordReader(columns, needed));
    this.prefixes = columns.map((column, i) => Buffer.from(`${i === 0 ? '{' : ','}${jsonString(column.name)}:`));
    this.writers = columns.map((column) => nullable(jsonWriterOf(column.type)));
  }

  encode(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean {
    const { prefixes, writers } = this;
    for (let i = 0; i < writers.length; i++) {
      writer.bytes(prefixes[i] as Buffer);
      (writers[i] as JsonWriter)((vectors[i] as Vector)[at] as SqlValue, writer);
    }
    if (writers.length === 0) writer.byte(OPEN_OBJECT);
    writer.byte(CLOSE_OBJECT);
    return true;
  }
}

/** One column without an object around it. */
class BareJsonSerde extends JsonTextSerde {
  private readonly write: JsonWriter;

  constructor({ columns }: SerdeOptions) {
    super(columns.length, new BareJsonReader(columns));
    this.write = jsonWriterOf(columns[0]?.type ?? { kind: 'STRING' });
  }

  encode(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean {
    const value = (vectors[0] as Vector)[at] as SqlValue;
    if (value === null) return false;
    this.write(value, writer);
    return true;
  }
}

const OF_REGISTRY =
  'Data is not JSON: it starts with the magic byte 0 of a schema registry format. Try the format JSON_SR, AVRO or PROTOBUF';

const isOfRegistry = (bytes: Uint8Array, start: number, end: number): boolean => start < end && bytes[start] === 0;
