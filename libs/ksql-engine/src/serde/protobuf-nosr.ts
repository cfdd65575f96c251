import { KsqlError } from '../errors/sql-error.js';
import type { Row, SqlValue } from '../types/sql-value.js';
import type { Vector, WritableVector } from '../types/vector.js';
import type { ByteWriter } from './byte-writer.js';
import { Serde, type Format } from './format.js';
import { isBare, type SerdeOptions } from './serde-options.js';
import type { ProtoMessage } from './proto-message.js';
import { ProtoReader } from './proto-reader.js';
import { checkProtoType, nullableRepresentationOf, protoMessageOf } from './proto-shapes.js';
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
  createSerde: (options) => (isBare(options) ? new BareProtobufSerde(options) : new ProtobufSerde(options)),
};

class ProtobufSerde extends Serde {
  private readonly reader = new ProtoReader();
  private readonly message = new ProtoWriter();
  private readonly readMessage: ProtoMessage;
  private readonly writeMessage: ProtoMessage;
  private readonly needed: readonly boolean[];
  /** The fields of one record on their way from or to their vectors. */
  private readonly row: SqlValue[];

  constructor({ columns, info, needed }: SerdeOptions) {
    super(columns.length);
    const nullable = nullableRepresentationOf(info);
    this.writeMessage = protoMessageOf(columns, nullable);
    this.readMessage = needed === undefined ? this.writeMessage : protoMessageOf(columns, nullable, needed);
    this.needed = needed ?? columns.map(() => true);
    this.row = this.readMessage.newRow();
  }

  decode(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean {
    const { row, needed, reader, readMessage } = this;
    readMessage.clear(row);
    reader.start(bytes, start, end);
    readMessage.read(reader, row);
    for (let i = 0; i < row.length; i++) {
      if (needed[i] === true) (vectors[i] as WritableVector)[at] = row[i] as SqlValue;
    }
    return true;
  }

  encode(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean {
    const { row, message, writeMessage } = this;
    for (let i = 0; i < vectors.length; i++) row[i] = (vectors[i] as Vector)[at] as SqlValue;
    message.start();
    writeMessage.write(message, row);
    message.moveTo(writer);
    return true;
  }
}

/** One column without a record around it: NULL is no bytes. A STRUCT is the message, another value its only field. */
class BareProtobufSerde extends Serde {
  private readonly reader = new ProtoReader();
  private readonly message = new ProtoWriter();
  private readonly record: ProtoMessage;
  private readonly isStruct: boolean;

  constructor({ columns, info }: SerdeOptions) {
    super(columns.length);
    const type = columns[0]?.type;
    this.isStruct = type?.kind === 'STRUCT';
    this.record = protoMessageOf(type?.kind === 'STRUCT' ? type.fields : columns, nullableRepresentationOf(info));
  }

  decode(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean {
    const row = this.record.newRow();
    this.reader.start(bytes, start, end);
    this.record.read(this.reader, row);
    const value = this.isStruct ? row : (row[0] ?? null);
    (vectors[0] as WritableVector)[at] = value;
    return value !== null;
  }

  encode(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean {
    const value = (vectors[0] as Vector)[at] as SqlValue;
    if (value === null) return false;
    this.message.start();
    this.record.write(this.message, this.isStruct ? (value as Row) : [value]);
    this.message.moveTo(writer);
    return true;
  }
}
