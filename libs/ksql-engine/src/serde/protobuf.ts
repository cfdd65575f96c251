import type { Column } from '../catalog/schema.js';
import { KsqlError } from '../errors/sql-error.js';
import type { RegisteredSchema } from '../ports/schema-registry.js';
import type { SqlValue } from '../types/sql-value.js';
import type { Vector, WritableVector } from '../types/vector.js';
import type { ByteWriter } from './byte-writer.js';
import type { ProtoMessage } from './proto-message.js';
import { ProtoReader } from './proto-reader.js';
import { registeredProtoText } from './proto-schema-text.js';
import { checkProtoType, nullableRepresentationOf } from './proto-shapes.js';
import { ProtoWriter } from './proto-writer.js';
import { readMessagePath, writtenMessagePath } from './protobuf/message-path.js';
import { ProtoSchema } from './protobuf/proto-schema.js';
import { protoSqlFields } from './protobuf/proto-sql-types.js';
import { schemaMessage } from './protobuf/schema-message.js';
import { inferring, nameSpelling, requireTextKeys } from './registry-columns.js';
import type { RecordReader, RecordWriter, RegistryCodec } from './registry-codec.js';
import { registryFormat } from './registry-serde.js';
import type { SerdeOptions } from './serde-options.js';

const parse = ({ text, references }: RegisteredSchema): ProtoSchema => new ProtoSchema(text, references);

/**
 * PROTOBUF: a message per key or value, a single column too. Between the id and the message stands which message of the `.proto` text it
 * is. Fields are found by their names, so that numbers may differ from writer to writer.
 */
const codec: RegistryCodec = {
  schemaType: 'PROTOBUF',
  columnsOf: (schema, options) =>
    inferring(() => {
      const proto = parse(schema);
      const message = proto.message(options.info.properties['fullSchemaName']);
      return {
        columns: protoSqlFields(proto, message, nameSpelling(options)),
        properties: { unwrapPrimitives: 'true' },
      };
    }),
  schemaOf: ({ columns, info }) => ({
    type: 'PROTOBUF',
    text: registeredProtoText(columns, {
      nullable: nullableRepresentationOf(info),
      fullName: info.properties['fullSchemaName'],
    }),
    references: [],
  }),
  reader: (schema, options) => new ProtobufRecordReader(parse(schema), options),
  writer: (schema, options) => protobufRecordWriter(parse(schema), options),
};

/** Reads whichever message of the text a record says that it is. */
class ProtobufRecordReader implements RecordReader {
  private readonly reader = new ProtoReader();
  private readonly needed: readonly boolean[];
  private readonly messages = new Map<string, ProtoMessage>();
  private readonly first: ProtoMessage;
  /** The fields of one record on their way to their vectors. */
  private readonly row: SqlValue[];

  constructor(
    private readonly schema: ProtoSchema,
    private readonly options: SerdeOptions,
  ) {
    const { columns, needed } = options;
    this.needed = needed ?? columns.map(() => true);
    this.first = schemaMessage(schema, schema.message(undefined), columns, 'read', needed);
    this.row = this.first.newRow();
  }

  read(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean | string {
    const { reader, row, needed } = this;
    reader.start(bytes, start, end);
    let message = this.first;
    // A single 0 is the first message of the text, which nearly all are.
    if (start < end && bytes[start] === 0) reader.position++;
    else {
      const path = readMessagePath(reader);
      const found = typeof path === 'string' ? path : this.messageAt(path);
      if (typeof found === 'string') return found;
      message = found;
    }
    message.clear(row);
    message.read(reader, row);
    for (let i = 0; i < row.length; i++) {
      if (needed[i] === true) (vectors[i] as WritableVector)[at] = row[i] as SqlValue;
    }
    return true;
  }

  private messageAt(path: readonly number[]): ProtoMessage | string {
    const key = path.join();
    const known = this.messages.get(key);
    if (known !== undefined) return known;
    const definition = this.schema.messageAt(path);
    if (definition === undefined) return `the schema has no message at the indexes ${key}`;
    const message = schemaMessage(this.schema, definition, this.options.columns, 'read', this.options.needed);
    this.messages.set(key, message);
    return message;
  }
}

function protobufRecordWriter(schema: ProtoSchema, { columns, isKey, info }: SerdeOptions): RecordWriter {
  const definition = schema.message(info.properties['fullSchemaName']);
  const message = schemaMessage(schema, definition, columns, 'write');
  const path = writtenMessagePath(schema.pathOf(definition));
  const out = new ProtoWriter();
  const row = message.newRow();
  return {
    write(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean {
      for (let i = 0; i < vectors.length; i++) row[i] = (vectors[i] as Vector)[at] as SqlValue;
      // A key that is nothing but NULL is no key.
      if (isKey && row.length === 1 && row[0] === null) return false;
      out.start();
      message.write(out, row);
      writer.bytes(path);
      out.moveTo(writer);
      return true;
    },
  };
}

const FULL_NAME = /^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$/;

export const protobufFormat = registryFormat('PROTOBUF', codec, ({ columns, info }) => {
  requireTextKeys(columns, 'PROTOBUF format only supports MAP types with STRING keys');
  for (const column of columns) checkColumn(column);
  const name = info.properties['fullSchemaName'];
  if (name !== undefined && !FULL_NAME.test(name)) {
    throw new KsqlError(
      `'${name}' is no name of a message: names in it begin with a letter, and have digits and _ besides`,
    );
  }
});

function checkColumn({ name, type }: Column): void {
  try {
    checkProtoType(type);
  } catch (error) {
    if (!(error instanceof KsqlError)) throw error;
    throw new KsqlError(`Format PROTOBUF cannot hold column '${name}'. ${error.message}`);
  }
}
