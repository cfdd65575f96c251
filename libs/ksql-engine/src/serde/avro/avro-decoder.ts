import type { Column } from '../../catalog/schema.js';
import { decimalFromInt64, exactlyOfType } from '../../types/decimal-math.js';
import { Decimal } from '../../types/decimal.js';
import { formatType } from '../../types/format-type.js';
import type { SqlType, StructField, StructType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import { valueToText } from '../../types/value-to-text.js';
import type { WritableVector } from '../../types/vector.js';
import { fieldIndex } from '../field-names.js';
import type { RecordReader } from '../registry-codec.js';
import { signedBigint } from '../signed-bytes.js';
import { AvroReader } from './avro-reader.js';
import type { AvroDecimal, AvroRecord, AvroTemporal, AvroType, AvroUnion } from './avro-schema.js';
import { isMapEntry, memberName, memberOf, scalarTypeOf } from './avro-types.js';

/*
 * A writer's schema and the columns that a query reads become functions, one per type: some that read a value as SQL wants it, some that
 * step over what nobody reads. A record is a list of such steps in the order of its fields. Which columns get which field is known then,
 * and so is what cannot be converted, so that a record costs a call per field.
 */

type Read = (reader: AvroReader) => SqlValue;
type Skip = (reader: AvroReader) => void;

/** Levels of a recursive type in data that is stepped over. */
const DEPTH_MAX = 200;
/** Larger numbers are no measurements, and cost more than they are worth. */
const DECIMAL_BYTES_MAX = 500;

/** @param isBare the only column is the whole value, not a field of a record */
export function avroRecordReader(
  type: AvroType,
  columns: readonly Column[],
  isBare: boolean,
  needed?: readonly boolean[],
): RecordReader {
  return isBare
    ? new BareValueReader(type, columns, needed)
    : new ColumnsReader(type, columns, needed ?? columns.map(() => true));
}

/** One field of a record: stepped over, or read into a place of the row or a column. */
interface Step {
  readonly skip: Skip;
  readonly read: Read | undefined;
  readonly target: number;
  /** The field stands for another column too, which reads it anew. */
  readonly isAgain: boolean;
  /** Its step of a path, such as `.NAME`. */
  readonly place: string;
}

class ColumnsReader implements RecordReader {
  private readonly reader = new AvroReader();
  private readonly steps: readonly Step[];
  /** The branch of a top-level union that is a record; −1: no union. */
  private readonly recordBranch: number;
  private readonly nullBranch: number;

  constructor(type: AvroType, columns: readonly Column[], needed: readonly boolean[]) {
    const branches = type.kind === 'union' ? type.branches : [type];
    const at = branches.findIndex((branch) => branch.kind === 'record');
    const record = branches[at];
    if (record?.kind !== 'record') {
      throw new Error(`the value is of the Avro type ${type.kind}, not a record. Try WRAP_SINGLE_VALUE=false`);
    }
    this.recordBranch = type.kind === 'union' ? at : -1;
    this.nullBranch = branches.findIndex((branch) => branch.kind === 'null');
    this.steps = stepsOf(record, columns, needed, new Skips());
  }

  read(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean | string {
    const { reader, steps, recordBranch } = this;
    reader.start(bytes, start, end);
    if (recordBranch >= 0) {
      const branch = reader.long();
      if (!reader.hasFailed && branch === this.nullBranch) return false;
      if (branch !== recordBranch) reader.fail(`Avro data has the branch ${branch} of a union, which is no record`);
    }
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Step;
      const { read } = step;
      if (read === undefined) step.skip(reader);
      else {
        const from = reader.position;
        (vectors[step.target] as WritableVector)[at] = read(reader);
        if (step.isAgain && !reader.hasFailed) reader.position = from;
      }
      if (reader.hasFailed) {
        reader.failedIn(step.place);
        break;
      }
    }
    return reader.hasFailed ? reader.failure : true;
  }
}

class BareValueReader implements RecordReader {
  private readonly reader = new AvroReader();
  private readonly readValue: Read;
  private readonly isNeeded: boolean;

  constructor(type: AvroType, columns: readonly Column[], needed: readonly boolean[] | undefined) {
    const column = columns[0];
    if (column === undefined || columns.length > 1) throw new Error('only one column can be the whole value');
    this.readValue = readerOf(type, column.type, new Skips());
    this.isNeeded = needed?.[0] !== false;
  }

  read(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean | string {
    const { reader } = this;
    reader.start(bytes, start, end);
    const value = this.readValue(reader);
    if (reader.hasFailed) return reader.failure;
    if (this.isNeeded) (vectors[0] as WritableVector)[at] = value;
    return value !== null;
  }
}

function stepsOf(
  record: AvroRecord,
  fields: readonly StructField[],
  needed: readonly boolean[],
  skips: Skips,
): readonly Step[] {
  const names = record.fields.map((field) => field.name);
  const sources = fields.map((field, i) => (needed[i] === true ? fieldIndex(names, field.name) : -1));
  return record.fields.flatMap(({ name, type }, i): Step[] => {
    const skip = skips.of(type);
    const place = `.${name}`;
    const targets = [...fields.keys()].filter((target) => sources[target] === i);
    if (targets.length === 0) return [{ skip, read: undefined, target: -1, isAgain: false, place }];
    return targets.map((target, n) => ({
      skip,
      read: readerOf(type, (fields[target] as StructField).type, skips),
      target,
      isAgain: n < targets.length - 1,
      place,
    }));
  });
}

/** Reads a value of `type` as SQL wants it; one that cannot be converted is a failure once it comes, as it may always be null. */
function readerOf(type: AvroType, sql: SqlType, skips: Skips): Read {
  if (type.kind === 'null') return () => null;
  if (type.kind === 'union') return unionReader(type, sql, skips);
  return scalarReader(type, sql) ?? nestedReader(type, sql, skips) ?? cannotConvert(type, sql);
}

function cannotConvert(type: AvroType, sql: SqlType): Read {
  const reason = `Cannot convert the Avro type ${type.kind} to ${formatType(sql)}`;
  return (reader) => {
    reader.fail(reason);
    return null;
  };
}

const readInt: Read = (reader) => reader.int();
const readLong: Read = (reader) => reader.long();

function scalarReader(type: AvroType, sql: SqlType): Read | undefined {
  switch (sql.kind) {
    case 'BOOLEAN':
      return type.kind === 'boolean' ? (reader) => reader.boolean() : undefined;
    case 'INTEGER':
      return type.kind === 'int' ? readInt : undefined;
    case 'BIGINT':
      return type.kind === 'int' ? readInt : type.kind === 'long' ? readLong : undefined;
    case 'DOUBLE':
      if (type.kind === 'double') return (reader) => reader.double();
      if (type.kind === 'float') return (reader) => reader.float();
      return type.kind === 'int' || type.kind === 'long' ? (reader) => Number(reader.long()) : undefined;
    case 'DECIMAL':
      return decimalReader(type, sql.precision, sql.scale);
    case 'DATE':
      return type.kind === 'int' && type.logical !== 'time-millis' ? readInt : undefined;
    case 'TIME':
      if (type.kind === 'int' && type.logical !== 'date') return readInt;
      return type.kind === 'long' && type.logical === 'time-micros' ? microsReader : undefined;
    case 'TIMESTAMP':
      return type.kind === 'long' && type.logical !== 'time-micros' ? timestampReader(type.logical) : undefined;
    case 'BYTES':
      if (type.kind === 'bytes') return (reader) => new Uint8Array(reader.view());
      return type.kind === 'fixed' ? (reader) => new Uint8Array(reader.viewOf(type.size)) : undefined;
    case 'STRING':
      return textReader(type);
    default:
      return undefined;
  }
}

const microsReader: Read = (reader) => Math.floor(Number(reader.long()) / 1000);

function timestampReader(logical: AvroTemporal | undefined): Read {
  if (logical === 'timestamp-micros') return microsReader;
  return (reader) => {
    const ms = reader.long();
    if (typeof ms === 'number') return ms;
    reader.fail(`Not a timestamp: ${ms} ms`);
    return null;
  };
}

function textReader(type: AvroType): Read | undefined {
  if (type.kind === 'string') return (reader) => reader.string();
  if (type.kind === 'enum') {
    const { symbols } = type;
    return (reader) => {
      const symbol = symbols[reader.int()];
      if (symbol === undefined) reader.fail(`Avro data has no symbol of the enum ${type.name}`);
      return symbol ?? null;
    };
  }
  const sql = scalarTypeOf(type);
  if (sql === undefined || sql.kind === 'BYTES') return undefined;
  const read = scalarReader(type, sql);
  if (read === undefined) return undefined;
  return (reader) => {
    const value = read(reader);
    return value === null || reader.hasFailed ? null : valueToText(value, sql);
  };
}

function decimalReader(type: AvroType, precision: number, scale: number): Read | undefined {
  const fitting = (reader: AvroReader, value: Decimal): SqlValue => {
    try {
      return exactlyOfType(value, precision, scale);
    } catch (error) {
      reader.fail((error as Error).message);
      return null;
    }
  };
  if (type.kind === 'int' || type.kind === 'long') return (reader) => fitting(reader, decimalFromInt64(reader.long()));
  if (type.kind !== 'bytes' && type.kind !== 'fixed') return undefined;
  const { decimal } = type;
  if (decimal === undefined) return undefined;
  const written = (reader: AvroReader, bytes: Buffer, { scale: writtenScale }: AvroDecimal): SqlValue => {
    if (bytes.length > DECIMAL_BYTES_MAX) reader.fail(`Decimal of ${bytes.length} bytes is out of range`);
    return reader.hasFailed ? null : fitting(reader, new Decimal(signedBigint(bytes), writtenScale));
  };
  return type.kind === 'bytes'
    ? (reader) => written(reader, reader.view(), decimal)
    : (reader) => written(reader, reader.viewOf(type.size), decimal);
}

function nestedReader(type: AvroType, sql: SqlType, skips: Skips): Read | undefined {
  if (sql.kind === 'ARRAY' && type.kind === 'array') {
    const readItem = readerOf(type.items, sql.element, skips);
    const itemBytes = leastBytes(type.items);
    return (reader) => {
      const items: SqlValue[] = [];
      for (let count = reader.blockCount(itemBytes); count > 0; count = reader.blockCount(itemBytes)) {
        for (; count > 0 && !reader.hasFailed; count--) {
          items.push(readItem(reader));
          if (reader.hasFailed) reader.failedIn(`[${items.length - 1}]`);
        }
        if (reader.hasFailed) break;
      }
      return items;
    };
  }
  if (sql.kind === 'MAP' && type.kind === 'map') {
    return mapReader((reader) => reader.string(), readerOf(type.values, sql.value, skips), 1 + leastBytes(type.values));
  }
  if (sql.kind === 'MAP' && type.kind === 'array' && isMapEntry(type.items)) {
    const [key, value] = type.items.fields;
    if (key === undefined || value === undefined) return undefined;
    const readKey = readerOf(key.type, sql.key, skips);
    return mapReader(readKey, readerOf(value.type, sql.value, skips), leastBytes(type.items));
  }
  if (sql.kind === 'STRUCT' && type.kind === 'record') return structReader(type, sql, skips);
  return undefined;
}

function mapReader(readKey: Read, readValue: Read, entryBytes: number): Read {
  return (reader) => {
    const map = new Map<SqlValue, SqlValue>();
    for (let count = reader.blockCount(entryBytes); count > 0; count = reader.blockCount(entryBytes)) {
      for (; count > 0 && !reader.hasFailed; count--) {
        const key = readKey(reader);
        if (reader.hasFailed) break;
        map.set(key, readValue(reader));
        if (reader.hasFailed) reader.failedIn(`.${String(key)}`);
      }
      if (reader.hasFailed) break;
    }
    return map;
  };
}

function structReader(type: AvroRecord, sql: StructType, skips: Skips): Read {
  const steps = stepsOf(
    type,
    sql.fields,
    sql.fields.map(() => true),
    skips,
  );
  const nullRow: SqlValue[] = sql.fields.map(() => null);
  return (reader) => {
    const row = nullRow.slice();
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Step;
      const { read } = step;
      if (read === undefined) step.skip(reader);
      else {
        const from = reader.position;
        row[step.target] = read(reader);
        if (step.isAgain && !reader.hasFailed) reader.position = from;
      }
      if (reader.hasFailed) {
        reader.failedIn(step.place);
        break;
      }
    }
    return row;
  };
}

/**
 * A union of null and one type is that type. One of several is a STRUCT with a field per branch, or, for a column of another type, whatever
 * branch comes.
 */
function unionReader(type: AvroUnion, sql: SqlType, skips: Skips): Read {
  const { branches } = type;
  const reads = branches.map((branch) => branchReader(type, branch, sql, skips));
  const nullBranch = branches.findIndex(({ kind }) => kind === 'null');
  const only = reads[1 - nullBranch];
  // Nearly all fields of nearly all records.
  if (branches.length === 2 && nullBranch >= 0 && only !== undefined) {
    return (reader) => {
      const branch = reader.int();
      if (branch === nullBranch) return null;
      if (branch === 1 - nullBranch) return only(reader);
      reader.fail(`Avro data has the branch ${branch} of a union of 2`);
      return null;
    };
  }
  return (reader) => {
    const branch = reader.int();
    const read = reads[branch];
    if (read !== undefined) return read(reader);
    reader.fail(`Avro data has the branch ${branch} of a union of ${branches.length}`);
    return null;
  };
}

function branchReader(union: AvroUnion, branch: AvroType, sql: SqlType, skips: Skips): Read {
  const member = sql.kind === 'STRUCT' ? memberOf(union, branch, sql) : undefined;
  if (member === undefined || sql.kind !== 'STRUCT') return readerOf(branch, sql, skips);
  if (member < 0) {
    const skip = skips.of(branch);
    return (reader) => {
      skip(reader);
      return sql.fields.map(() => null);
    };
  }
  const read = readerOf(branch, (sql.fields[member] as StructField).type, skips);
  const place = `.${memberName(branch)}`;
  return (reader) => {
    const row: SqlValue[] = sql.fields.map(() => null);
    row[member] = read(reader);
    if (reader.hasFailed) reader.failedIn(place);
    return row;
  };
}

const LEAST_BYTES = new WeakMap<AvroRecord, number>();

/** The fewest bytes that a value takes; 0 for what contains itself, of which nothing is known. */
function leastBytes(type: AvroType): number {
  switch (type.kind) {
    case 'null':
      return 0;
    case 'float':
      return 4;
    case 'double':
      return 8;
    case 'fixed':
      return type.size;
    case 'union':
      return 1;
    case 'record': {
      const known = LEAST_BYTES.get(type);
      if (known !== undefined) return known;
      LEAST_BYTES.set(type, 0);
      const bytes = type.fields.reduce((sum, field) => sum + leastBytes(field.type), 0);
      LEAST_BYTES.set(type, bytes);
      return bytes;
    }
    default:
      return 1;
  }
}

/** Steps over values of a type; one function per record, so that recursive ones end. */
class Skips {
  private readonly ofRecord = new Map<AvroRecord, Skip>();
  private depth = 0;

  of(type: AvroType): Skip {
    switch (type.kind) {
      case 'null':
        return () => undefined;
      case 'boolean':
        return (reader) => reader.skipBytes(1);
      case 'int':
      case 'long':
      case 'enum':
        return (reader) => reader.skipNumber();
      case 'float':
        return (reader) => reader.skipBytes(4);
      case 'double':
        return (reader) => reader.skipBytes(8);
      case 'fixed':
        return (reader) => reader.skipBytes(type.size);
      case 'bytes':
      case 'string':
        return (reader) => {
          reader.position = reader.payloadEnd();
        };
      case 'array': {
        const item = this.of(type.items);
        const itemBytes = leastBytes(type.items);
        return (reader) => reader.skipBlocks(itemBytes, item);
      }
      case 'map': {
        const value = this.of(type.values);
        return (reader) =>
          reader.skipBlocks(1, (entry) => {
            entry.position = entry.payloadEnd();
            value(entry);
          });
      }
      case 'union': {
        const skips = type.branches.map((branch) => this.of(branch));
        return (reader) => {
          const branch = reader.int();
          const skip = skips[branch];
          if (skip === undefined) reader.fail(`Avro data has the branch ${branch} of a union of ${skips.length}`);
          else skip(reader);
        };
      }
      case 'record':
        return this.record(type);
    }
  }

  private record(type: AvroRecord): Skip {
    const known = this.ofRecord.get(type);
    if (known !== undefined) return known;
    let skips: readonly Skip[] = [];
    const skip: Skip = (reader) => {
      if (this.depth >= DEPTH_MAX) return reader.fail(`Avro data has records more than ${DEPTH_MAX} deep`);
      this.depth++;
      for (let i = 0; i < skips.length && !reader.hasFailed; i++) (skips[i] as Skip)(reader);
      this.depth--;
    };
    this.ofRecord.set(type, skip);
    skips = type.fields.map((field) => this.of(field.type));
    return skip;
  }
}
