import type { FormatInfo } from '../catalog/data-source.js';
import { KsqlError } from '../errors/sql-error.js';
import { exactlyOfType } from '../types/decimal-math.js';
import { civilFromDays, daysFromCivil, daysInMonth } from '../types/civil-date.js';
import { Decimal } from '../types/decimal.js';
import { formatType } from '../types/format-type.js';
import type { DecimalType, PrimitiveKind, SqlType, StructField } from '../types/sql-type.js';
import type { SqlArray, SqlValue } from '../types/sql-value.js';
import { asBuffer } from './as-buffer.js';
import {
  MapField,
  placeOf,
  ProtoMessage,
  RepeatedField,
  SingleField,
  type ProtoField,
  type ProtoShape,
} from './proto-message.js';
import { FIXED_64, LENGTH_DELIMITED, VARINT, type ProtoReader } from './proto-reader.js';
import type { ProtoWriter } from './proto-writer.js';
import { signedBigint, signedBytes } from './signed-bytes.js';

/**
 * How a NULL in a scalar field is told from 0, '' and false: not at all (the proto3 way), by `optional` fields, or by the wrapper
 * messages of `google.protobuf` (`Int32Value` and the others).
 */
export type NullableRepresentation = 'NONE' | 'OPTIONAL' | 'WRAPPER';

export function nullableRepresentationOf(info: FormatInfo): NullableRepresentation {
  const text = info.properties['nullableRepresentation'];
  return text === 'optional' ? 'OPTIONAL' : text === 'wrapper' ? 'WRAPPER' : 'NONE';
}

/** Columns or struct fields as a message. `needed`: the columns that are read, by index; absent means all. */
export function protoMessageOf(
  fields: readonly StructField[],
  nullable: NullableRepresentation,
  needed?: readonly boolean[],
): ProtoMessage {
  return new ProtoMessage(
    fields.map((field, i) => (needed?.[i] === false ? null : fieldOf(field.type, i + 1, nullable))),
    fields.map(placeOf),
  );
}

/** @throws KsqlError naming the type that protobuf has no spelling for */
export function checkProtoType(type: SqlType): void {
  switch (type.kind) {
    case 'ARRAY':
      if (type.element.kind === 'ARRAY' || type.element.kind === 'MAP') {
        throw new KsqlError(
          `Protobuf cannot repeat what is repeated: ${formatType(type)}. Try a STRUCT around the inner ${type.element.kind}`,
        );
      }
      return checkProtoType(type.element);
    case 'MAP':
      if (!MAP_KEYS.has(type.key.kind)) {
        throw new KsqlError(`Protobuf has no MAP with keys of type ${formatType(type.key)}: ${formatType(type)}`);
      }
      return checkProtoType(type.value);
    case 'STRUCT':
      for (const field of type.fields) checkProtoType(field.type);
      return;
    default:
      return;
  }
}
const MAP_KEYS: ReadonlySet<SqlType['kind']> = new Set(['BOOLEAN', 'INTEGER', 'BIGINT', 'STRING']);

function fieldOf(type: SqlType, number: number, nullable: NullableRepresentation): ProtoField {
  if (type.kind === 'ARRAY' || type.kind === 'MAP') return plainFieldOf(type, number, nullable);
  const shape = shapeOf(type, nullable);
  if (nullable === 'WRAPPER' && shape.absent !== null) return new SingleField(number, wrapperOf(shape), true);
  return new SingleField(number, shape, shape.absent === null || nullable === 'OPTIONAL');
}

/** As key or value of a map entry: these are never NULL, so their scalars need no other representation. */
function plainFieldOf(type: SqlType, number: number, nullable: NullableRepresentation): ProtoField {
  if (type.kind === 'ARRAY') return new RepeatedField(number, shapeOf(type.element, nullable));
  if (type.kind === 'MAP') {
    const { key, value } = type;
    const empty = value.kind === 'ARRAY' || value.kind === 'MAP' ? undefined : shapeOf(value, nullable);
    return new MapField(number, plainFieldOf(key, 1, nullable), plainFieldOf(value, 2, nullable), empty);
  }
  const shape = shapeOf(type, nullable);
  return new SingleField(number, shape, shape.absent === null);
}

function shapeOf(type: SqlType, nullable: NullableRepresentation): ProtoShape {
  switch (type.kind) {
    case 'DECIMAL':
      return decimalShape(type);
    case 'STRUCT':
      return new StructShape(protoMessageOf(type.fields, nullable));
    case 'ARRAY':
    case 'MAP':
      throw new KsqlError(`Protobuf cannot repeat what is repeated: ${formatType(type)}`);
    default:
      return PRIMITIVES[type.kind];
  }
}

export type Scalar = Pick<ProtoShape, 'wireType' | 'absent' | 'isAbsent' | 'read' | 'write'>;
export const scalar = (shape: Scalar): ProtoShape => ({ ...shape, empty: () => shape.absent });

const INT_32 = scalar({
  wireType: VARINT,
  absent: 0,
  isAbsent: (value) => value === 0,
  read: (reader) => reader.int32(),
  write: (writer, value) => writer.int64(value as number),
});
const INT_64 = scalar({
  wireType: VARINT,
  absent: 0,
  isAbsent: (value) => value === 0,
  read: (reader) => reader.int64(),
  write: (writer, value) => writer.int64(value as number | bigint),
});

/** A message of a few numbers that stands for one value, such as `google.protobuf.Timestamp`. Given twice, the last one counts. */
class ValueShape implements ProtoShape {
  readonly wireType = LENGTH_DELIMITED;
  readonly absent = null;
  private readonly message: ProtoMessage;
  private readonly absentParts: readonly SqlValue[];
  private readonly parts: SqlValue[];

  constructor(
    parts: readonly ProtoShape[],
    private readonly toValue: (parts: readonly SqlValue[]) => SqlValue,
    private readonly toParts: (value: SqlValue) => readonly SqlValue[],
  ) {
    this.message = new ProtoMessage(
      parts.map((part, i) => new SingleField(i + 1, part, false)),
      parts.map(() => ''),
    );
    this.absentParts = this.message.newRow();
    this.parts = this.message.newRow();
  }

  isAbsent(): boolean {
    return false;
  }

  empty(): SqlValue {
    return this.toValue(this.absentParts);
  }

  read(reader: ProtoReader): SqlValue {
    const parts = this.parts;
    for (let i = 0; i < parts.length; i++) parts[i] = this.absentParts[i] as SqlValue;
    this.message.readNested(reader, parts);
    return this.toValue(parts);
  }

  write(writer: ProtoWriter, value: SqlValue): void {
    this.message.writeNested(writer, this.toParts(value));
  }
}

/** The `google.protobuf` message around a scalar, which tells that it is there. */
export const wrapperOf = (shape: ProtoShape): ProtoShape =>
  new ValueShape(
    [shape],
    (parts) => parts[0] as SqlValue,
    (value) => [value],
  );

export class StructShape implements ProtoShape {
  readonly wireType = LENGTH_DELIMITED;
  readonly absent = null;

  constructor(private readonly message: ProtoMessage) {}

  isAbsent(): boolean {
    return false;
  }

  empty(): SqlValue {
    return this.message.newRow();
  }

  read(reader: ProtoReader, previous: SqlValue): SqlValue {
    const row = previous === null ? this.message.newRow() : (previous as SqlValue[]);
    this.message.readNested(reader, row);
    return row;
  }

  write(writer: ProtoWriter, value: SqlValue): void {
    this.message.writeNested(writer, value as SqlArray);
  }
}

export const PRIMITIVES: Readonly<Record<PrimitiveKind, ProtoShape>> = {
  BOOLEAN: scalar({
    wireType: VARINT,
    absent: false,
    isAbsent: (value) => value === false,
    read: (reader) => reader.bool(),
    write: (writer, value) => writer.uint32(value === true ? 1 : 0),
  }),
  INTEGER: INT_32,
  BIGINT: INT_64,
  DOUBLE: scalar({
    wireType: FIXED_64,
    absent: 0,
    // The sign of −0.0 would be lost.
    isAbsent: (value) => Object.is(value, 0),
    read: (reader) => reader.double(),
    write: (writer, value) => writer.double(value as number),
  }),
  STRING: scalar({
    wireType: LENGTH_DELIMITED,
    absent: '',
    isAbsent: (value) => value === '',
    read: (reader) => reader.string(),
    write: (writer, value) => writer.string(value as string),
  }),
  BYTES: scalar({
    wireType: LENGTH_DELIMITED,
    absent: new Uint8Array(0),
    isAbsent: (value) => (value as Uint8Array).length === 0,
    read: (reader) => new Uint8Array(reader.view()),
    write: (writer, value) => writer.bytes(value as Uint8Array),
  }),
  /** google.type.Date: year, month, day. */
  DATE: new ValueShape(
    [INT_32, INT_32, INT_32],
    (parts) => {
      const [year, month, day] = parts as readonly [number, number, number];
      if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
        throw new Error(`Not a day: year ${year}, month ${month}, day ${day}`);
      }
      return daysFromCivil(year, month, day);
    },
    (value) => {
      const { year, month, day } = civilFromDays(value as number);
      return [year, month, day];
    },
  ),
  /** google.type.TimeOfDay: hours, minutes, seconds, nanos. */
  TIME: new ValueShape(
    [INT_32, INT_32, INT_32, INT_32],
    (parts) => {
      const [hours, minutes, seconds, nanos] = parts as readonly [number, number, number, number];
      const isTime = inside(hours, 24) && inside(minutes, 60) && inside(seconds, 60) && inside(nanos, NANOS_PER_SECOND);
      if (!isTime) throw new Error(`Not a time of day: ${hours}:${minutes}:${seconds} and ${nanos} ns`);
      return ((hours * 60 + minutes) * 60 + seconds) * 1000 + Math.floor(nanos / NANOS_PER_MS);
    },
    (value) => {
      const ms = value as number;
      const seconds = Math.floor(ms / 1000);
      const minutes = Math.floor(seconds / 60);
      return [Math.floor(minutes / 60), minutes % 60, seconds % 60, (ms % 1000) * NANOS_PER_MS];
    },
  ),
  /** google.protobuf.Timestamp: seconds since 1970, nanos that count forward. */
  TIMESTAMP: new ValueShape(
    [INT_64, INT_32],
    (parts) => {
      const [seconds, nanos] = parts as readonly [number | bigint, number];
      const ms = Number(seconds) * 1000 + Math.floor(nanos / NANOS_PER_MS);
      if (!inside(nanos, NANOS_PER_SECOND) || !Number.isSafeInteger(ms)) {
        throw new Error(`Not a timestamp: ${seconds} s and ${nanos} ns`);
      }
      return ms;
    },
    (value) => {
      const seconds = Math.floor((value as number) / 1000);
      return [seconds, ((value as number) - seconds * 1000) * NANOS_PER_MS];
    },
  ),
};

const NANOS_PER_SECOND = 1_000_000_000;
const NANOS_PER_MS = 1_000_000;
const inside = (value: number, limit: number): boolean => value >= 0 && value < limit;

/** Larger numbers are no measurements, and cost more than they are worth. */
const DECIMAL_BYTES_MAX = 500;
const DECIMAL_SCALE_MAX = 1000;

/** The bytes of a message, not copied: for values that are done with before the next record. */
const BYTES_VIEW: ProtoShape = { ...PRIMITIVES.BYTES, read: (reader) => reader.view() };

/** confluent.type.Decimal: the unscaled number as two's complement, most significant byte first; precision; scale. */
export function decimalShape({ precision, scale }: DecimalType): ProtoShape {
  return new ValueShape(
    [BYTES_VIEW, INT_32, INT_32],
    (parts) => {
      const [bytes, , writtenScale] = parts as readonly [Uint8Array, number, number];
      if (bytes.length > DECIMAL_BYTES_MAX || Math.abs(writtenScale) > DECIMAL_SCALE_MAX) {
        throw new Error(`Decimal of ${bytes.length} bytes and scale ${writtenScale} is out of range`);
      }
      return exactlyOfType(new Decimal(signedBigint(asBuffer(bytes)), writtenScale), precision, scale);
    },
    (value) => [signedBytes((value as Decimal).unscaled), precision, (value as Decimal).scale],
  );
}
