import { KsqlError } from '../errors/sql-error.js';
import type { FormatInfo } from '../catalog/data-source.js';
import type { Row } from '../types/sql-value.js';
import type { Format, Serde, SerdeOptions } from './format.js';
import type { ProtoMessage } from './proto-message.js';
import { ProtoReader } from './proto-reader.js';
import { checkProtoType, protoMessageOf, type NullableRepresentation } from './proto-shapes.js';
import { ProtoWriter } from './proto-writer.js';

/**
 * PROTOBUF_NOSR: the bytes of one proto3 message per record, without a schema registry. Columns and struct fields are numbered from 1
 * in their order; names do not count. What a field's absence means follows proto3: 0, '', false, an empty ARRAY or MAP; a STRUCT,
 * DECIMAL, DATE, TIME or TIMESTAMP is NULL. `..._PROTOBUF_NULLABLE_REPRESENTATION` lets scalars be NULL.
 *
 * Fields that no column has are skipped. A bare STRUCT is the message itself; another bare value is its only field.
 */
export const protobufNosrFormat: Format = {
  name: 'PROTOBUF_NOSR',
  supportsKey: true,
  supportsValue: true,
  needsRegistry: false,
  validate({ columns }) {
    for (const column of columns) {
      try {
        checkProtoType(column.type);
      } catch (error) {
        if (!(error instanceof KsqlError)) throw error;
        throw new KsqlError(`Format PROTOBUF_NOSR cannot hold column '${column.name}'. ${error.message}`);
      }
    }
  },
  createSerde: (options) => (isUnwrapped(options) ? new BareProtobufSerde(options) : new ProtobufSerde(options)),
};

/** A single key column always stands bare; a single value column when asked to. */
function isUnwrapped({ columns, isKey, info }: SerdeOptions): boolean {
  return columns.length === 1 && (isKey || info.wrapping === 'UNWRAP_SINGLES');
}

function nullableRepresentationOf(info: FormatInfo): NullableRepresentation {
  const text = info.properties['nullableRepresentation'];
  return text === 'optional' ? 'OPTIONAL' : text === 'wrapper' ? 'WRAPPER' : 'NONE';
}

class ProtobufSerde implements Serde {
  private readonly reader = new ProtoReader();
  private readonly writer = new ProtoWriter();
  private readonly readMessage: ProtoMessage;
  private readonly writeMessage: ProtoMessage;

  constructor({ columns, info, needed }: SerdeOptions) {
    const nullable = nullableRepresentationOf(info);
    this.writeMessage = protoMessageOf(columns, nullable);
    this.readMessage = needed === undefined ? this.writeMessage : protoMessageOf(columns, nullable, needed);
  }

  deserialize(bytes: Uint8Array | null): Row | null {
    if (bytes === null) return null;
    const row = this.readMessage.newRow();
    this.reader.start(bytes);
    this.readMessage.read(this.reader, row);
    return row;
  }

  serialize(row: Row | null): Uint8Array | null {
    if (row === null) return null;
    this.writer.start();
    this.writeMessage.write(this.writer, row);
    return this.writer.take();
  }
}

/** One column without a record around it: NULL is no bytes. */
class BareProtobufSerde implements Serde {
  private readonly record: ProtobufSerde;
  private readonly isStruct: boolean;

  constructor(options: SerdeOptions) {
    const type = options.columns[0]?.type;
    this.isStruct = type?.kind === 'STRUCT';
    this.record = new ProtobufSerde({
      ...options,
      columns: type?.kind === 'STRUCT' ? type.fields : options.columns,
      needed: undefined,
    });
  }

  deserialize(bytes: Uint8Array | null): Row | null {
    const row = this.record.deserialize(bytes);
    if (row === null || this.isStruct) return row && [row];
    return row[0] === null ? null : row;
  }

  serialize(row: Row | null): Uint8Array | null {
    const value = row?.[0] ?? null;
    if (value === null) return null;
    return this.record.serialize(this.isStruct ? (value as Row) : row);
  }
}
