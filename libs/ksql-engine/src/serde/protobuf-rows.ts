import type { StructField } from '../types/sql-type.js';
import type { Row } from '../types/sql-value.js';
import { protoSchemaText } from './proto-schema-text.js';
import { checkProtoType, protoMessageOf } from './proto-shapes.js';
import { ProtoWriter } from './proto-writer.js';

/** Rows of an answer as protobuf messages, and the `.proto` file to read them with. */
export interface ProtobufRows {
  readonly schemaText: string;
  /** @throws Error with the path of a NULL inside an ARRAY or MAP */
  encode(row: Row): Buffer;
}

/** @throws KsqlError naming a type that protobuf has no spelling for */
export function protobufRows(columns: readonly StructField[]): ProtobufRows {
  for (const column of columns) checkProtoType(column.type);
  const message = protoMessageOf(columns, 'NONE');
  const writer = new ProtoWriter();
  return {
    schemaText: protoSchemaText(columns),
    encode(row) {
      writer.start();
      message.write(writer, row);
      return writer.take();
    },
  };
}
