import { formatType } from '../../types/format-type.js';
import type { SqlType, StructField } from '../../types/sql-type.js';
import type { SqlArray, SqlValue } from '../../types/sql-value.js';
import { fieldIndex } from '../field-names.js';
import {
  MapField,
  placeOf,
  ProtoMessage,
  RepeatedField,
  SingleField,
  tagOf,
  type ProtoField,
  type ProtoMember,
  type ProtoShape,
} from '../proto-message.js';
import { LENGTH_DELIMITED, VARINT, type ProtoReader } from '../proto-reader.js';
import { protoFieldNames } from '../proto-schema-text.js';
import { decimalShape, PRIMITIVES, StructShape, wrapperOf } from '../proto-shapes.js';
import type { ProtoWriter } from '../proto-writer.js';
import type { FieldDefinition, MessageDefinition } from './proto-file.js';
import { enumShape, scalarShape, type ConvertedShape } from './proto-scalars.js';
import type { ProtoSchema, ProtoType } from './proto-schema.js';
import { oneofName, VALUE_MESSAGES, wrappedScalar } from './proto-sql-types.js';

/*
 * The message of a schema, as columns read or write it: for each column the field of its name, in whatever type both can have. What no
 * column wants is stepped over by its number; what no field has stays null.
 */

/** Whether records are read or written: not everything that can be read as a type can be written from it. */
export type Direction = 'read' | 'write';

/**
 * @param needed the columns that are wanted, by index; absent: all
 * @throws Error where a column cannot be written as its field is; one that cannot be read fails once its field comes
 */
export function schemaMessage(
  schema: ProtoSchema,
  message: MessageDefinition,
  columns: readonly StructField[],
  direction: Direction,
  needed?: readonly boolean[],
): ProtoMessage {
  const builder = new MessageBuilder(schema, direction);
  return builder.message(message, columns, needed);
}

class MessageBuilder {
  constructor(
    private readonly schema: ProtoSchema,
    private readonly direction: Direction,
  ) {}

  message(message: MessageDefinition, columns: readonly StructField[], needed?: readonly boolean[]): ProtoMessage {
    const members: ProtoMember[] = [];
    const names = message.fields.map((field) => field.name);
    const groups = message.oneofs.map((_name, i) => oneofName(message, i));
    // A name that protobuf has not was written as another.
    const spelled = protoFieldNames(columns);
    const fields = columns.map((column, index): ProtoField | null => {
      if (needed?.[index] === false) return null;
      const found = firstIndex(names, column.name, spelled[index]);
      const definition = message.fields[found];
      if (definition !== undefined) {
        const field = this.field(definition, message, column.type);
        members.push({ number: definition.number, index, field });
        return field;
      }
      const group = column.type.kind === 'STRUCT' ? firstIndex(groups, column.name, spelled[index]) : -1;
      if (group < 0 || column.type.kind !== 'STRUCT') return null;
      const oneof = this.oneof(message, group, column.type.fields);
      members.push(...oneof.map((member) => ({ ...member, index })));
      return new OneofField(oneof.map(({ field }) => field));
    });
    return new ProtoMessage(fields, columns.map(placeOf), members);
  }

  /** The fields of which one is there at most, each as the STRUCT of all of them. */
  private oneof(message: MessageDefinition, group: number, columns: readonly StructField[]): readonly OneofMember[] {
    const definitions = message.fields.filter(({ oneof }) => oneof === group);
    return columns.flatMap((column, at) => {
      const definition =
        definitions[
          fieldIndex(
            definitions.map(({ name }) => name),
            column.name,
          )
        ];
      if (definition === undefined) return [];
      const field = this.field(definition, message, column.type);
      return [{ number: definition.number, field: new OneofMemberField(field, at, columns.length) }];
    });
  }

  private field(definition: FieldDefinition, scope: MessageDefinition, sql: SqlType): ProtoField {
    const { number, mapKey, isRepeated } = definition;
    const type = this.schema.typeOf(definition, scope);
    const unusable = (): ProtoField => this.unusable(definition, type, sql);
    if (mapKey !== undefined) {
      if (sql.kind !== 'MAP') return unusable();
      const key = this.shape(this.schema.typeOf({ typeName: mapKey }, scope), sql.key);
      const value = this.shape(type, sql.value);
      if (key === undefined || value === undefined) return unusable();
      const valueField = new SingleField(2, value, value.absent === null);
      return new MapField(number, new SingleField(1, key, false), valueField, value);
    }
    if (isRepeated && sql.kind === 'MAP') return this.entries(definition, type, sql.key, sql.value) ?? unusable();
    if (isRepeated) {
      const item = sql.kind === 'ARRAY' ? this.shape(type, sql.element) : undefined;
      return item === undefined ? unusable() : new RepeatedField(number, item, definition.isPacked);
    }
    const shape = this.shape(type, sql);
    if (shape === undefined) return unusable();
    return new SingleField(number, shape, definition.hasPresence || type.kind === 'message');
  }

  /** A list of messages with a key and a value, which is how maps stand in bytes. */
  private entries(definition: FieldDefinition, type: ProtoType, key: SqlType, value: SqlType): ProtoField | undefined {
    if (type.kind !== 'message') return undefined;
    const [keyField, valueField] = type.definition.fields;
    const isEntry = keyField?.number === 1 && valueField?.number === 2 && type.definition.fields.length === 2;
    if (!isEntry || keyField.name !== 'key' || valueField.name !== 'value') return undefined;
    const plain = (field: FieldDefinition): FieldDefinition => ({ ...field, hasPresence: false });
    const valueType = this.schema.typeOf(valueField, type.definition);
    const valueShape = valueField.isRepeated ? undefined : this.shape(valueType, value);
    return new MapField(
      definition.number,
      this.field(plain(keyField), type.definition, key),
      this.field(plain(valueField), type.definition, value),
      valueShape,
    );
  }

  private shape(type: ProtoType, sql: SqlType): ProtoShape | undefined {
    switch (type.kind) {
      case 'scalar':
        return this.usable(scalarShape(type.name, sql));
      case 'enum':
        return this.usable(enumShape(type.definition, sql));
      case 'unknown':
        return undefined;
      case 'message':
        return this.messageShape(type.definition, sql);
    }
  }

  private messageShape(message: MessageDefinition, sql: SqlType): ProtoShape | undefined {
    const value = VALUE_MESSAGES[message.fullName];
    if (sql.kind === 'DECIMAL') return value === 'DECIMAL' ? decimalShape(sql) : undefined;
    if (value !== undefined && value !== 'DECIMAL' && value === sql.kind) return PRIMITIVES[value];
    if (sql.kind === 'STRUCT') return new StructShape(this.message(message, sql.fields));
    const scalar = wrappedScalar(message);
    const inner = scalar === undefined ? undefined : this.usable(scalarShape(scalar, sql));
    return inner && wrapperOf(inner);
  }

  private usable({ shape, isReadable, isWritable }: ConvertedShape): ProtoShape | undefined {
    return (this.direction === 'read' ? isReadable : isWritable) ? shape : undefined;
  }

  private unusable(
    { name, number, typeName, isRepeated, mapKey }: FieldDefinition,
    type: ProtoType,
    sql: SqlType,
  ): ProtoField {
    const spelled =
      mapKey !== undefined ? `map<${mapKey}, ${typeName}>` : `${isRepeated ? 'repeated ' : ''}${typeName}`;
    if (this.direction === 'write') {
      throw new Error(`cannot write ${formatType(sql)} as the field '${name}' of the type ${spelled}`);
    }
    return new UnreadableField(
      number,
      wireTypeOf(type, isRepeated),
      `Cannot convert the protobuf type ${spelled} to ${formatType(sql)}`,
    );
  }
}

function firstIndex(names: readonly string[], name: string, spelled: string | undefined): number {
  const index = fieldIndex(names, name);
  return index >= 0 || spelled === undefined ? index : fieldIndex(names, spelled);
}

interface OneofMember {
  readonly number: number;
  readonly field: OneofMemberField;
}

/** One alternative: it makes a STRUCT in which only its own field is not null. */
class OneofMemberField implements ProtoField {
  readonly absent = null;

  constructor(
    private readonly field: ProtoField,
    private readonly at: number,
    private readonly size: number,
  ) {}

  get tag(): number {
    return this.field.tag;
  }
  get otherTag(): number {
    return this.field.otherTag;
  }

  read(reader: ProtoReader, tag: number, previous: SqlValue): SqlValue {
    const before = previous === null ? null : ((previous as SqlArray)[this.at] ?? null);
    const row: SqlValue[] = new Array<SqlValue>(this.size).fill(null);
    row[this.at] = this.field.read(reader, tag, before ?? this.field.absent);
    return row;
  }

  isFilled(row: SqlArray): boolean {
    return (row[this.at] ?? null) !== null;
  }

  write(writer: ProtoWriter, value: SqlValue): void {
    this.field.write(writer, (value as SqlArray)[this.at] as SqlValue);
  }
}

/** All alternatives together, for writing: the one that is not null. */
class OneofField implements ProtoField {
  readonly tag = 0;
  readonly otherTag = 0;
  readonly absent = null;

  constructor(private readonly members: readonly OneofMemberField[]) {}

  read(): SqlValue {
    return null;
  }

  write(writer: ProtoWriter, value: SqlValue): void {
    const filled = this.members.filter((member) => member.isFilled(value as SqlArray));
    if (filled.length > 1) throw new Error('a STRUCT of alternatives has more than one field that is not NULL');
    filled[0]?.write(writer, value);
  }
}

/** A field that the column of its name cannot hold: it fails once it comes. */
class UnreadableField implements ProtoField {
  readonly tag: number;
  readonly otherTag: number;
  readonly absent = null;

  constructor(
    number: number,
    wireType: number,
    private readonly reason: string,
  ) {
    this.tag = tagOf(number, wireType);
    this.otherTag = tagOf(number, LENGTH_DELIMITED);
  }

  read(): SqlValue {
    throw new Error(this.reason);
  }
  write(): void {
    throw new Error(this.reason);
  }
}

function wireTypeOf(type: ProtoType, isRepeated: boolean): number {
  if (type.kind === 'enum') return VARINT;
  if (type.kind !== 'scalar' || isRepeated) return LENGTH_DELIMITED;
  return scalarShape(type.name, { kind: 'STRING' }).shape.wireType;
}
