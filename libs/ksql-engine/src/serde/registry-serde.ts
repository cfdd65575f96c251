import type { Vector, WritableVector } from '../types/vector.js';
import type { ByteWriter } from './byte-writer.js';
import { Serde, type Format } from './format.js';
import type { RecordReader, RecordWriter, RegistryCodec } from './registry-codec.js';
import type { SerdeOptions } from './serde-options.js';
import { NO_SCHEMAS } from './schema-table.js';

/** Validates what a format can carry; everything else is its codec's. */
export const registryFormat = (
  name: Format['name'],
  codec: RegistryCodec,
  validate: (options: SerdeOptions) => void,
): Format => ({
  name,
  supportsKey: true,
  supportsValue: true,
  registry: codec,
  validate,
  createSerde: (options) => new RegistrySerde(codec, options),
});

/** Magic byte, and four bytes of the schema's id. */
export const HEADER_LENGTH = 5;
const MAGIC = 0;
const MAGIC_GUID = 1;

/** The id that a record bears, or why it bears none. */
export function schemaIdIn(bytes: Buffer, start: number, end: number): number | string {
  if (end - start < HEADER_LENGTH) {
    return `too short for a record with a schema id: ${end - start} bytes, of which ${HEADER_LENGTH} are magic byte and id`;
  }
  const magic = bytes[start];
  if (magic === MAGIC) return bytes.readInt32BE(start + 1);
  return magic === MAGIC_GUID
    ? 'its magic byte is 1: schemas by GUID are not supported, only those by id'
    : `unknown magic byte ${magic}: what has a schema id begins with 0`;
}

/** Header and payload: one compiled reader per schema id, chosen for each record, and one writer. */
class RegistrySerde extends Serde {
  readonly #readers = new Map<number, RecordReader | string>();
  #newest: { readonly id: number; readonly reader: RecordReader } | undefined;
  #writer: RecordWriter | undefined;

  constructor(
    private readonly codec: RegistryCodec,
    private readonly options: SerdeOptions,
  ) {
    super(options.columns.length);
  }

  decode(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean {
    const id = schemaIdIn(bytes, start, end);
    if (typeof id === 'string') return this.fails(id);
    const reader = this.#newest?.id === id ? this.#newest.reader : this.#reader(id);
    if (typeof reader === 'string') return this.fails(reader);
    const outcome = reader.read(bytes, start + HEADER_LENGTH, end, vectors, at);
    return typeof outcome === 'string' ? this.fails(outcome) : outcome;
  }

  encode(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean {
    const { schema } = this.options.info;
    if (schema === undefined) throw new Error('No schema is registered for it');
    this.#writer ??= this.codec.writer(schema, this.options);
    writer.byte(MAGIC);
    writer.int32(schema.id);
    return this.#writer.write(vectors, at, writer);
  }

  #reader(id: number): RecordReader | string {
    const known = this.#readers.get(id);
    if (known !== undefined) {
      if (typeof known !== 'string') this.#newest = { id, reader: known };
      return known;
    }
    const compiled = this.#compiled(id);
    if (compiled === undefined) return `the schema with id ${id} was not asked for`;
    this.#readers.set(id, compiled);
    return compiled;
  }

  #compiled(id: number): RecordReader | string | undefined {
    const { schemas = NO_SCHEMAS, info } = this.options;
    const schema = schemas.find(id) ?? (info.schema?.id === id ? info.schema : undefined);
    if (schema === undefined || typeof schema === 'string') return schema;
    const { schemaType } = this.codec;
    if (schema.type !== schemaType) return `the schema with id ${id} is of the type ${schema.type}, not ${schemaType}`;
    try {
      return this.codec.reader(schema, this.options);
    } catch (error) {
      return `cannot be read by the schema with id ${id}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
