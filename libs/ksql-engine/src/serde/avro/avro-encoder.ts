import { exactlyOfType } from '../../types/decimal-math.js';
import type { Decimal } from '../../types/decimal.js';
import { formatType } from '../../types/format-type.js';
import type { SqlType, StructField } from '../../types/sql-type.js';
import type { SqlArray, SqlMap, SqlValue } from '../../types/sql-value.js';
import type { Vector } from '../../types/vector.js';
import { asBuffer } from '../as-buffer.js';
import type { ByteWriter } from '../byte-writer.js';
import { fieldIndex } from '../field-names.js';
import type { RecordWriter } from '../registry-codec.js';
import { signedBytes } from '../signed-bytes.js';
import { failureAt } from '../value-path.js';
import { avroDefault } from './avro-default.js';
import type { AvroDecimal, AvroField, AvroRecord, AvroType, AvroUnion } from './avro-schema.js';
import { isMapEntry, memberOf } from './avro-types.js';
import { writeAvroBytes, writeAvroDouble, writeAvroFloat, writeAvroLong, writeAvroText } from './avro-writer.js';

/*
 * The schema that a sink is written with and its columns become functions, one per type, that append a value. The fields of a record are
 * written in the order of the schema; one that no column fills gets its default, whose bytes are made once, or null. A field that has neither fails when a
 * record comes.
 */

/** Appends one value; null where the type takes it. @throws Error when the value is none of the type */
type Write = (value: SqlValue, writer: ByteWriter) => void;

/** @param isBare the only column is the whole value, not a field of a record; a null one is no bytes */
export function avroRecordWriter(type: AvroType, columns: readonly StructField[], isBare: boolean): RecordWriter {
  const [only] = columns;
  if (isBare && only !== undefined) {
    const write = writerOf(type, only.type);
    return {
      write: (vectors, at, writer) => {
        const value = (vectors[0] as Vector)[at] as SqlValue;
        if (value === null) return false;
        write(value, writer);
        return true;
      },
    };
  }
  const branches = type.kind === 'union' ? type.branches : [type];
  const branch = branches.findIndex(({ kind }) => kind === 'record');
  const record = branches[branch];
  if (record?.kind !== 'record')
    throw new Error(`the schema is an Avro ${type.kind}, which columns cannot be written as`);
  const prefix = type.kind === 'union' ? branch : undefined;
  const fields = fieldsOf(record, columns);
  return {
    write: (vectors, at, writer) => {
      if (prefix !== undefined) writeAvroLong(prefix, writer);
      for (const { source, write, place } of fields) {
        try {
          write(source < 0 ? null : ((vectors[source] as Vector)[at] as SqlValue), writer);
        } catch (error) {
          throw failureAt(place, error);
        }
      }
      return true;
    },
  };
}

interface FieldWriter {
  /** Index of the column that fills it; −1: none does. */
  readonly source: number;
  readonly write: Write;
  readonly place: string;
}

function fieldsOf(record: AvroRecord, columns: readonly StructField[]): readonly FieldWriter[] {
  const names = record.fields.map((field) => field.name);
  const targets = columns.map((column) => fieldIndex(names, column.name));
  return record.fields.map((field, i) => {
    const source = targets.indexOf(i);
    const column = columns[source];
    const write = column === undefined ? absentWriter(field) : fieldWriter(field, column.type);
    return { source, write, place: `.${field.name}` };
  });
}

/** NULL stands for a value that was not given: a field that cannot be NULL then has its default, if any. */
function fieldWriter(field: AvroField, sql: SqlType): Write {
  const write = writerOf(field.type, sql);
  const { kind } = field.type;
  if (kind === 'null' || kind === 'union' || field.default === undefined) return write;
  const writeDefault = absentWriter(field);
  return (value, writer) => (value === null ? writeDefault(value, writer) : write(value, writer));
}

/** Writes what a field has that no column fills. */
function absentWriter(field: AvroField): Write {
  if (field.default !== undefined) {
    const bytes = avroDefault(field.type, field.default);
    return (_value, writer) => writer.bytes(bytes);
  }
  const { type } = field;
  if (type.kind === 'null') return () => undefined;
  const branch = type.kind === 'union' ? type.branches.findIndex(({ kind }) => kind === 'null') : -1;
  if (branch >= 0) return (_value, writer) => writeAvroLong(branch, writer);
  return () => {
    throw new Error(`the field '${field.name}' is required by the schema and has no default, but no column fills it`);
  };
}

function writerOf(type: AvroType, sql: SqlType): Write {
  if (type.kind === 'union') return unionWriter(type, sql);
  const write = scalarWriter(type, sql) ?? nestedWriter(type, sql);
  if (write === undefined) throw new Error(`cannot write ${formatType(sql)} as the Avro type ${type.kind}`);
  if (type.kind === 'null') return write;
  return (value, writer) => {
    if (value === null) throw new Error(`NULL where the schema requires a value of the type ${type.kind}`);
    write(value, writer);
  };
}

/** Whether values of a type of SQL may be written as an Avro type. */
function isWritable(type: AvroType, sql: SqlType): boolean {
  try {
    writerOf(type, sql);
    return true;
  } catch {
    return false;
  }
}

function unionWriter(union: AvroUnion, sql: SqlType): Write {
  const { branches } = union;
  const nullBranch = branches.findIndex(({ kind }) => kind === 'null');
  const writeNull = (writer: ByteWriter): void => {
    if (nullBranch < 0) throw new Error('NULL where the schema requires a value');
    writeAvroLong(nullBranch, writer);
  };
  const members = sql.kind === 'STRUCT' ? branches.map((branch) => memberOf(union, branch, sql)) : [];
  if (sql.kind === 'STRUCT' && members.some((member) => member !== undefined)) {
    return membersWriter(branches, members, sql.fields, writeNull);
  }
  const branch = branches.findIndex((other) => other.kind !== 'null' && isWritable(other, sql));
  const type = branches[branch];
  if (type === undefined) throw new Error(`cannot write ${formatType(sql)} as any branch of the Avro union`);
  const write = writerOf(type, sql);
  return (value, writer) => {
    if (value === null) return writeNull(writer);
    writeAvroLong(branch, writer);
    write(value, writer);
  };
}

/** A STRUCT with a field per branch: the only one that is not NULL is written. */
function membersWriter(
  branches: readonly AvroType[],
  members: readonly (number | undefined)[],
  fields: readonly StructField[],
  writeNull: (writer: ByteWriter) => void,
): Write {
  const writes = branches.map((branch, i) => {
    const field = fields[members[i] ?? -1];
    return field === undefined ? undefined : writerOf(branch, field.type);
  });
  return (value, writer) => {
    if (value === null) return writeNull(writer);
    const items = value as SqlArray;
    const filled = writes.flatMap((write, i) => (write && (items[members[i] as number] ?? null) !== null ? [i] : []));
    if (filled.length === 0) return writeNull(writer);
    const [branch = -1] = filled;
    if (filled.length > 1) throw new Error('a STRUCT that stands for a union has more than one field that is not NULL');
    writeAvroLong(branch, writer);
    writes[branch]?.(items[members[branch] as number] as SqlValue, writer);
  };
}

function scalarWriter(type: AvroType, sql: SqlType): Write | undefined {
  switch (type.kind) {
    case 'null':
      return (value) => {
        if (value !== null) throw new Error('a value where the schema takes NULL only');
      };
    case 'boolean':
      return sql.kind === 'BOOLEAN' ? (value, writer) => writer.byte(value === true ? 1 : 0) : undefined;
    case 'int':
      if (sql.kind === 'BIGINT') return longAsInt;
      return INT_KINDS.has(sql.kind) ? (value, writer) => writeAvroLong(value as number, writer) : undefined;
    case 'long': {
      const isMicros =
        (type.logical === 'timestamp-micros' && sql.kind === 'TIMESTAMP') ||
        (type.logical === 'time-micros' && sql.kind === 'TIME');
      if (isMicros) return (value, writer) => writeAvroLong((value as number) * 1000, writer);
      return LONG_KINDS.has(sql.kind) ? (value, writer) => writeAvroLong(value as number | bigint, writer) : undefined;
    }
    case 'float':
      return NUMBER_KINDS.has(sql.kind) ? (value, writer) => writeAvroFloat(Number(value), writer) : undefined;
    case 'double':
      return NUMBER_KINDS.has(sql.kind) ? (value, writer) => writeAvroDouble(Number(value), writer) : undefined;
    case 'string':
      return sql.kind === 'STRING' ? (value, writer) => writeAvroText(value as string, writer) : undefined;
    case 'enum': {
      if (sql.kind !== 'STRING') return undefined;
      const indexes = new Map(type.symbols.map((symbol, i) => [symbol, i]));
      return (value, writer) => {
        const index = indexes.get(value as string);
        if (index === undefined) throw new Error(`'${value as string}' is no symbol of the enum ${type.name}`);
        writeAvroLong(index, writer);
      };
    }
    case 'bytes':
      if (sql.kind === 'BYTES') return (value, writer) => writeAvroBytes(value as Uint8Array, writer);
      if (sql.kind !== 'DECIMAL' || type.decimal === undefined) return undefined;
      return decimalWriter(type.decimal, (bytes, writer) => writeAvroBytes(bytes, writer));
    case 'fixed': {
      const { size, name } = type;
      const write = (bytes: Uint8Array, writer: ByteWriter): void => {
        if (bytes.length !== size) throw new Error(`${bytes.length} bytes where ${name} has ${size}`);
        writer.bytes(bytes);
      };
      if (sql.kind === 'BYTES') return (value, writer) => write(value as Uint8Array, writer);
      if (sql.kind !== 'DECIMAL' || type.decimal === undefined) return undefined;
      return decimalWriter(type.decimal, (bytes, writer) => write(signExtended(bytes, size), writer));
    }
    default:
      return undefined;
  }
}

const INT_KINDS: ReadonlySet<SqlType['kind']> = new Set(['INTEGER', 'DATE', 'TIME']);
const LONG_KINDS: ReadonlySet<SqlType['kind']> = new Set(['INTEGER', 'BIGINT', 'TIMESTAMP']);
const NUMBER_KINDS: ReadonlySet<SqlType['kind']> = new Set(['INTEGER', 'BIGINT', 'DOUBLE']);

const longAsInt: Write = (value, writer) => {
  if (value !== (Number(value) | 0)) throw new Error(`${String(value)} does not fit the Avro type int`);
  writeAvroLong(value, writer);
};

function decimalWriter(
  { precision, scale }: AvroDecimal,
  write: (bytes: Uint8Array, writer: ByteWriter) => void,
): Write {
  return (value, writer) => write(signedBytes(exactlyOfType(value as Decimal, precision, scale).unscaled), writer);
}

function signExtended(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length >= size) return bytes;
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  const extended = Buffer.alloc(size, isNegative ? 0xff : 0);
  extended.set(asBuffer(bytes), size - bytes.length);
  return extended;
}

function nestedWriter(type: AvroType, sql: SqlType): Write | undefined {
  if (type.kind === 'array' && sql.kind === 'ARRAY') {
    const writeItem = writerOf(type.items, sql.element);
    return (value, writer) => writeBlock((value as SqlArray).length, (value as SqlArray).entries(), writeItem, writer);
  }
  if (type.kind === 'map' && sql.kind === 'MAP' && sql.key.kind === 'STRING') {
    const writeValue = writerOf(type.values, sql.value);
    return (value, writer) =>
      writeBlock((value as SqlMap).size, value as SqlMap, writeValue, writer, (key) => {
        if (typeof key !== 'string') throw new Error('NULL cannot be the key of an Avro map');
        writeAvroText(key, writer);
      });
  }
  if (type.kind === 'array' && sql.kind === 'MAP' && isMapEntry(type.items)) {
    const [key, item] = type.items.fields;
    if (key === undefined || item === undefined) return undefined;
    const writeKey = writerOf(key.type, sql.key);
    const writeValue = writerOf(item.type, sql.value);
    return (value, writer) =>
      writeBlock((value as SqlMap).size, value as SqlMap, writeValue, writer, (entry) => writeKey(entry, writer));
  }
  if (type.kind === 'record' && sql.kind === 'STRUCT') {
    const fields = fieldsOf(type, sql.fields);
    return (value, writer) => {
      for (const { source, write, place } of fields) {
        try {
          write(source < 0 ? null : ((value as SqlArray)[source] ?? null), writer);
        } catch (error) {
          throw failureAt(place, error);
        }
      }
    };
  }
  return undefined;
}

/** All items in one block, and the end of the blocks. */
function writeBlock(
  count: number,
  entries: Iterable<readonly [SqlValue, SqlValue]>,
  write: Write,
  writer: ByteWriter,
  writeKey?: (key: SqlValue) => void,
): void {
  if (count > 0) writeAvroLong(count, writer);
  for (const [key, item] of entries) {
    try {
      writeKey?.(key);
      write(item, writer);
    } catch (error) {
      throw failureAt(writeKey === undefined ? `[${String(key)}]` : `.${String(key)}`, error);
    }
  }
  writer.byte(0);
}
