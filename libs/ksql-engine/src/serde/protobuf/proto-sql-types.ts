import { KsqlError } from '../../errors/sql-error.js';
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  mapType,
  STRING,
  structType,
  TIME,
  TIMESTAMP,
  type SqlType,
  type StructField,
} from '../../types/sql-type.js';
import type { FieldDefinition, MessageDefinition } from './proto-file.js';
import type { ProtoScalar, ProtoSchema } from './proto-schema.js';

export const SCALAR_TYPES: Readonly<Record<ProtoScalar, SqlType>> = {
  bool: BOOLEAN,
  int32: INTEGER,
  sint32: INTEGER,
  sfixed32: INTEGER,
  uint32: BIGINT,
  fixed32: BIGINT,
  int64: BIGINT,
  sint64: BIGINT,
  sfixed64: BIGINT,
  uint64: BIGINT,
  fixed64: BIGINT,
  float: DOUBLE,
  double: DOUBLE,
  string: STRING,
  bytes: BYTES,
};

/** Messages that stand for a value of SQL. */
export const VALUE_MESSAGES: Readonly<Record<string, 'DATE' | 'TIME' | 'TIMESTAMP' | 'DECIMAL'>> = {
  'google.type.Date': 'DATE',
  'google.type.TimeOfDay': 'TIME',
  'google.protobuf.Timestamp': 'TIMESTAMP',
  'confluent.type.Decimal': 'DECIMAL',
};
const VALUE_TYPES = { DATE, TIME, TIMESTAMP } as const;

/** What a decimal has whose field says nothing of it. */
const DECIMAL_PRECISION_DEFAULT = 64;

const WRAPPER = /^google\.protobuf\.(Double|Float|U?Int64|U?Int32|Bool|String|Bytes)Value$/;

/** The scalar inside a message of `google.protobuf` that only tells whether it is there; undefined for other messages. */
export function wrappedScalar(message: MessageDefinition): ProtoScalar | undefined {
  return WRAPPER.test(message.fullName) ? (message.fields[0]?.typeName as ProtoScalar) : undefined;
}

/** What the group of fields of which one is there at most is called as a field of SQL, which is a STRUCT of them. */
export const oneofName = (message: MessageDefinition, oneof: number): string =>
  `${message.oneofs[oneof] ?? ''}_${oneof}`;

/**
 * Columns or fields of a message: first its groups of alternatives, then the other fields. What no type of SQL holds is left out.
 * @param nameOf how a name is spelled in SQL
 * @throws KsqlError for a message that contains itself
 */
export function protoSqlFields(
  schema: ProtoSchema,
  message: MessageDefinition,
  nameOf: (name: string) => string,
  outer: readonly MessageDefinition[] = [],
): readonly StructField[] {
  if (outer.includes(message)) {
    throw new KsqlError(
      `The message ${message.fullName} contains itself, which no column can. Declare the columns that are wanted instead of inferring them`,
    );
  }
  const within = [...outer, message];
  const fieldsOf = (definitions: readonly FieldDefinition[]): StructField[] =>
    definitions.flatMap((field) => {
      const name = nameOf(field.name);
      const type = fieldType(schema, field, message, nameOf, within);
      return type === undefined ? [] : [{ name, type }];
    });
  const groups = message.oneofs.flatMap((_name, i) => {
    const name = nameOf(oneofName(message, i));
    const fields = fieldsOf(message.fields.filter(({ oneof }) => oneof === i));
    return fields.length === 0 ? [] : [{ name, type: structType(fields) }];
  });
  const fields = [...groups, ...fieldsOf(message.fields.filter(({ oneof }) => oneof === undefined))];
  return fields.filter(({ name }, i) => fields.findIndex((other) => other.name === name) === i);
}

function fieldType(
  schema: ProtoSchema,
  field: FieldDefinition,
  scope: MessageDefinition,
  nameOf: (name: string) => string,
  outer: readonly MessageDefinition[],
): SqlType | undefined {
  const type = schema.typeOf(field, scope);
  const single = ((): SqlType | undefined => {
    switch (type.kind) {
      case 'scalar':
        return SCALAR_TYPES[type.name];
      case 'enum':
        return STRING;
      case 'unknown':
        return undefined;
      case 'message':
        return messageType(schema, field, type.definition, nameOf, outer);
    }
  })();
  if (single === undefined) return undefined;
  if (field.mapKey === undefined) return field.isRepeated ? arrayType(single) : single;
  return field.mapKey === 'string' ? mapType(STRING, single) : undefined;
}

function messageType(
  schema: ProtoSchema,
  field: FieldDefinition,
  message: MessageDefinition,
  nameOf: (name: string) => string,
  outer: readonly MessageDefinition[],
): SqlType | undefined {
  const value = VALUE_MESSAGES[message.fullName];
  if (value === 'DECIMAL') {
    const precision = Number(field.parameters.get('precision') ?? DECIMAL_PRECISION_DEFAULT);
    const scale = Number(field.parameters.get('scale') ?? 0);
    return decimalType(precision, scale);
  }
  if (value !== undefined) return VALUE_TYPES[value];
  const scalar = wrappedScalar(message);
  if (scalar !== undefined) return SCALAR_TYPES[scalar];
  const fields = protoSqlFields(schema, message, nameOf, outer);
  return fields.length === 0 ? undefined : structType(fields);
}
