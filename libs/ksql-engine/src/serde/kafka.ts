import { KsqlError } from '../errors/sql-error.js';
import { formatColumn } from '../catalog/format-schema.js';
import type { SqlType } from '../types/sql-type.js';
import { normalizeBigint, type SqlValue } from '../types/sql-value.js';
import { asBuffer } from './as-buffer.js';
import type { Format, Serde, SerdeOptions } from './format.js';

/**
 * KAFKA: the one column as Kafka's own serializers write it.
 *
 * INTEGER 4 bytes, BIGINT 8 bytes, DOUBLE 8 bytes IEEE-754, all big-endian; STRING UTF-8; BYTES as they are; null no bytes.
 */
export const kafkaFormat: Format = {
  name: 'KAFKA',
  supportsKey: true,
  supportsValue: true,
  needsRegistry: false,
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
  read(bytes: Buffer): SqlValue;
  write(value: SqlValue): Uint8Array;
}

function checkLength(bytes: Uint8Array, length: number, type: string): void {
  if (bytes.length !== length) {
    throw new Error(`Size of data received by the ${type} reader is not ${length}, but ${bytes.length}`);
  }
}

const CODECS: { readonly [K in SqlType['kind']]?: Codec } = {
  INTEGER: {
    read(bytes) {
      checkLength(bytes, 4, 'INTEGER');
      return bytes.readInt32BE(0);
    },
    write(value) {
      const bytes = Buffer.allocUnsafe(4);
      bytes.writeInt32BE(value as number);
      return bytes;
    },
  },
  BIGINT: {
    read(bytes) {
      checkLength(bytes, 8, 'BIGINT');
      const high = bytes.readInt32BE(0);
      const low = bytes.readUInt32BE(4);
      if (high >= -0x1f_ffff && high <= 0x1f_ffff) return high * 0x1_0000_0000 + low;
      return normalizeBigint((BigInt(high) << 32n) | BigInt(low));
    },
    write(value) {
      const bytes = Buffer.allocUnsafe(8);
      bytes.writeBigInt64BE(BigInt(value as number | bigint));
      return bytes;
    },
  },
  DOUBLE: {
    read(bytes) {
      checkLength(bytes, 8, 'DOUBLE');
      return bytes.readDoubleBE(0);
    },
    write(value) {
      const bytes = Buffer.allocUnsafe(8);
      bytes.writeDoubleBE(value as number);
      return bytes;
    },
  },
  STRING: {
    read: (bytes) => bytes.toString('utf8'),
    write: (value) => Buffer.from(value as string),
  },
  BYTES: {
    read: (bytes) => new Uint8Array(bytes),
    write: (value) => value as Uint8Array,
  },
};

class KafkaSerde implements Serde {
  private readonly codec: Codec;

  constructor({ columns }: SerdeOptions) {
    const type = columns[0]?.type;
    const codec = type && CODECS[type.kind];
    if (!codec) throw new KsqlError(`The 'KAFKA' format does not support type '${type?.kind ?? 'none'}'`);
    this.codec = codec;
  }

  deserialize(bytes: Uint8Array | null) {
    if (bytes === null) return null;
    return [this.codec.read(asBuffer(bytes))];
  }

  serialize(row: readonly SqlValue[] | null) {
    const value = row?.[0] ?? null;
    return value === null ? null : this.codec.write(value);
  }
}
