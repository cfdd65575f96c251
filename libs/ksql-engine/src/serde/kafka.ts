import { KsqlError } from '../errors/sql-error.js';
import { formatColumn } from '../catalog/format-schema.js';
import type { SqlType } from '../types/sql-type.js';
import { normalizeBigint, type SqlValue } from '../types/sql-value.js';
import type { Vector, WritableVector } from '../types/vector.js';
import { utf8Text } from './bytes-text.js';
import type { ByteWriter } from './byte-writer.js';
import { Serde, type Format } from './format.js';
import type { SerdeOptions } from './serde-options.js';

/**
 * KAFKA: the one column as Kafka's own serializers write it.
 *
 * INTEGER 4 bytes, BIGINT 8 bytes, DOUBLE 8 bytes IEEE-754, all big-endian; STRING UTF-8; BYTES as they are; null no bytes.
 */
export const kafkaFormat: Format = {
  name: 'KAFKA',
  supportsKey: true,
  supportsValue: true,
  validate({ columns, isKey }) {
    if (columns.length > 1) {
      throw new KsqlError(
        `The 'KAFKA' format only supports a single field. Got: [${columns.map((column) => formatColumn(column, isKey)).join(', ')}]`,
      );
    }
    for (const { type } of columns) {
      if (!(type.kind in CODECS)) {
        throw new KsqlError(`The 'KAFKA' format does not support type '${type.kind}'`);
      }
    }
  },
  createSerde: (options) => new KafkaSerde(options),
};

interface Codec {
  read(bytes: Buffer, start: number, end: number): SqlValue;
  write(value: SqlValue, writer: ByteWriter): void;
}

function checkLength(actual: number, length: number, type: string): void {
  if (actual !== length) {
    throw new Error(`Size of data received by the ${type} reader is not ${length}, but ${actual}`);
  }
}

const CODECS: { readonly [K in SqlType['kind']]?: Codec } = {
  INTEGER: {
    read(bytes, start, end) {
      checkLength(end - start, 4, 'INTEGER');
      return bytes.readInt32BE(start);
    },
    write: (value, writer) => writer.int32(value as number),
  },
  BIGINT: {
    read(bytes, start, end) {
      checkLength(end - start, 8, 'BIGINT');
      const high = bytes.readInt32BE(start);
      const low = bytes.readUInt32BE(start + 4);
      if (high >= -0x1f_ffff && high <= 0x1f_ffff) return high * 0x1_0000_0000 + low;
      return normalizeBigint((BigInt(high) << 32n) | BigInt(low));
    },
    write: (value, writer) => writer.int64(value as number | bigint),
  },
  DOUBLE: {
    read(bytes, start, end) {
      checkLength(end - start, 8, 'DOUBLE');
      return bytes.readDoubleBE(start);
    },
    write: (value, writer) => writer.double(value as number),
  },
  STRING: {
    read: utf8Text,
    write: (value, writer) => writer.text(value as string),
  },
  BYTES: {
    read: (bytes, start, end) => new Uint8Array(bytes.subarray(start, end)),
    write: (value, writer) => writer.bytes(value as Uint8Array),
  },
};

class KafkaSerde extends Serde {
  private readonly codec: Codec;

  constructor({ columns }: SerdeOptions) {
    super(columns.length);
    const type = columns[0]?.type;
    const codec = type && CODECS[type.kind];
    if (!codec) throw new KsqlError(`The 'KAFKA' format does not support type '${type?.kind ?? 'none'}'`);
    this.codec = codec;
  }

  decode(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean {
    (vectors[0] as WritableVector)[at] = this.codec.read(bytes, start, end);
    return true;
  }

  encode(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean {
    const value = (vectors[0] as Vector)[at] as SqlValue;
    if (value === null) return false;
    this.codec.write(value, writer);
    return true;
  }
}
