import { decimalFromInt64, exactlyOfType } from '../../types/decimal-math.js';
import type { SqlType } from '../../types/sql-type.js';
import { normalizeBigint, type SqlValue } from '../../types/sql-value.js';
import { valueToText } from '../../types/value-to-text.js';
import type { ProtoShape } from '../proto-message.js';
import { FIXED_32, FIXED_64, VARINT } from '../proto-reader.js';
import { PRIMITIVES, scalar } from '../proto-shapes.js';
import type { EnumDefinition } from './proto-file.js';
import type { ProtoScalar } from './proto-schema.js';
import { SCALAR_TYPES } from './proto-sql-types.js';

const isZero = (value: SqlValue): boolean => value === 0;
const number = (
  wireType: number,
  read: ProtoShape['read'],
  write: ProtoShape['write'],
  isAbsent: (value: SqlValue) => boolean = isZero,
): ProtoShape => scalar({ wireType, absent: 0, isAbsent, read: (reader) => read(reader, null), write });

/** Small numbers of either sign take few bytes: 0, −1, 1, −2, … */
const zigZag = (value: SqlValue): bigint => {
  const wide = BigInt(value as number | bigint);
  return BigInt.asIntN(64, (wide << 1n) ^ (wide >> 63n));
};
const unZigZag = (value: number | bigint): number | bigint => {
  if (typeof value === 'number' && value >= 0 && value <= 0x7fff_ffff) return (value >>> 1) ^ -(value & 1);
  const wide = BigInt.asUintN(64, BigInt(value));
  return normalizeBigint((wide >> 1n) ^ -(wide & 1n));
};

/** How each scalar of protobuf stands in bytes, with the values of its type in SQL. */
const SHAPES: Readonly<Record<ProtoScalar, ProtoShape>> = {
  bool: PRIMITIVES.BOOLEAN,
  string: PRIMITIVES.STRING,
  bytes: PRIMITIVES.BYTES,
  double: PRIMITIVES.DOUBLE,
  float: number(
    FIXED_32,
    (reader) => reader.float(),
    (writer, value) => writer.float(value as number),
    (value) => Object.is(value, 0),
  ),
  int32: PRIMITIVES.INTEGER,
  int64: PRIMITIVES.BIGINT,
  // Beyond 2^63 it wraps, as in Java.
  uint64: PRIMITIVES.BIGINT,
  uint32: number(
    VARINT,
    (reader) => reader.int32() >>> 0,
    (writer, value) => writer.uint32(Number(value)),
  ),
  sint32: number(
    VARINT,
    (reader) => Number(unZigZag(reader.int32() >>> 0)) | 0,
    (writer, value) => writer.uint32(((value as number) << 1) ^ ((value as number) >> 31)),
  ),
  sint64: number(
    VARINT,
    (reader) => unZigZag(reader.int64()),
    (writer, value) => writer.int64(normalizeBigint(zigZag(value))),
  ),
  fixed32: number(
    FIXED_32,
    (reader) => reader.fixed32() >>> 0,
    (writer, value) => writer.fixed32(Number(value)),
  ),
  sfixed32: number(
    FIXED_32,
    (reader) => reader.fixed32(),
    (writer, value) => writer.fixed32(value as number),
  ),
  fixed64: number(
    FIXED_64,
    (reader) => reader.fixed64(),
    (writer, value) => writer.fixed64(value as number | bigint),
  ),
  sfixed64: number(
    FIXED_64,
    (reader) => reader.fixed64(),
    (writer, value) => writer.fixed64(value as number | bigint),
  ),
};

/** What a scalar's shape is for a column of SQL; `toSql` and `toProto` are undefined where that way is not possible. */
export interface ConvertedShape {
  readonly shape: ProtoShape;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
}

export function scalarShape(name: ProtoScalar, sql: SqlType): ConvertedShape {
  return converted(SHAPES[name], SCALAR_TYPES[name], sql, name);
}

/** Texts in SQL, numbers in bytes; a number without a name is told as such. */
export function enumShape({ names, fullName }: EnumDefinition, sql: SqlType): ConvertedShape {
  const numbers = new Map([...names].map(([value, name]) => [name, value]));
  const nameOf = (value: number): string => names.get(value) ?? `UNKNOWN_ENUM_VALUE_${fullName}_${value}`;
  const shape: ProtoShape = scalar({
    wireType: VARINT,
    absent: nameOf(0),
    isAbsent: (value) => numbers.get(value as string) === 0,
    read: (reader) => nameOf(reader.int32()),
    write: (writer, value) => {
      const found = numbers.get(value as string);
      if (found === undefined) throw new Error(`'${value as string}' is no name of the enum ${fullName}`);
      writer.int64(found);
    },
  });
  return { shape, isReadable: sql.kind === 'STRING', isWritable: sql.kind === 'STRING' };
}

/** Columns whose values are the same as those of a type of protobuf. */
const SAME: { readonly [K in SqlType['kind']]?: SqlType['kind'] } = {
  DATE: 'INTEGER',
  TIME: 'INTEGER',
  TIMESTAMP: 'BIGINT',
};

const INT_32_NAMES: ReadonlySet<ProtoScalar> = new Set(['uint32', 'fixed32']);

function converted(shape: ProtoShape, natural: SqlType, sql: SqlType, name: ProtoScalar): ConvertedShape {
  const kind = SAME[sql.kind] ?? sql.kind;
  const isUnsigned = INT_32_NAMES.has(name);
  if (kind === natural.kind) {
    if (!isUnsigned) return { shape, isReadable: true, isWritable: true };
    return both(shape, undefined, (value) => inRange(value, 0, 0xffff_ffff, name));
  }
  const isWhole = natural.kind === 'INTEGER' || natural.kind === 'BIGINT';
  if (kind === 'BIGINT' && natural.kind === 'INTEGER') {
    return both(shape, undefined, (value) => inRange(value, -0x8000_0000, 0x7fff_ffff, name));
  }
  if (kind === 'INTEGER' && natural.kind === 'BIGINT') {
    const least = isUnsigned ? 0 : -0x8000_0000;
    return { ...both(shape, undefined, (value) => inRange(value, least, 0x7fff_ffff, name)), isReadable: false };
  }
  if (kind === 'DOUBLE' && isWhole) return { ...both(shape, (value) => Number(value)), isWritable: false };
  if (natural.kind === 'DOUBLE' && (kind === 'INTEGER' || kind === 'BIGINT')) {
    return { ...both(shape, undefined, (value) => Number(value)), isReadable: false };
  }
  if (sql.kind === 'DECIMAL' && isWhole) {
    const { precision, scale } = sql;
    const toSql = (value: SqlValue): SqlValue => exactlyOfType(decimalFromInt64(value as number), precision, scale);
    return { ...both(shape, toSql), isWritable: false };
  }
  if (kind === 'STRING' && natural.kind !== 'BYTES') {
    return { ...both(shape, (value) => (value === null ? null : valueToText(value, natural))), isWritable: false };
  }
  return { shape, isReadable: false, isWritable: false };
}

function inRange(value: SqlValue, least: number, most: number, name: string): SqlValue {
  const number = Number(value);
  if (number < least || number > most) throw new Error(`${String(value)} does not fit the type ${name}`);
  return number;
}

/** A shape whose values are others in SQL. */
function both(
  shape: ProtoShape,
  toSql: (value: SqlValue) => SqlValue = (value) => value,
  toProto: (value: SqlValue) => SqlValue = (value) => value,
): ConvertedShape {
  return {
    shape: {
      wireType: shape.wireType,
      absent: toSql(shape.absent),
      empty: () => toSql(shape.empty()),
      isAbsent: (value) => shape.isAbsent(toProto(value)),
      read: (reader, previous) => toSql(shape.read(reader, previous)),
      write: (writer, value) => shape.write(writer, toProto(value)),
    },
    isReadable: true,
    isWritable: true,
  };
}
