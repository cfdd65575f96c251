import type { StructField } from '../types/sql-type.js';
import type { SqlValue } from '../types/sql-value.js';
import { LENGTH_DELIMITED, type ProtoReader } from './proto-reader.js';
import type { ProtoWriter } from './proto-writer.js';
import { failureAt } from './value-path.js';

/** How the values of one SQL type stand behind a tag. None of them is ever null. */
export interface ProtoShape {
  readonly wireType: number;
  /** What an absent field is read as, where nothing else tells that it is absent; messages are null then. */
  readonly absent: SqlValue;
  /** The value of a map entry that has none: as `absent`, but a message without fields instead of null. */
  empty(): SqlValue;
  /** Such a value need not be written. */
  isAbsent(value: SqlValue): boolean;
  /** `previous` is what the same field held before in these bytes: messages are merged. */
  read(reader: ProtoReader, previous: SqlValue): SqlValue;
  write(writer: ProtoWriter, value: SqlValue): void;
}

/** One field of a message, with its tag. */
export interface ProtoField {
  readonly tag: number;
  /** The tag of the same field in its other spelling, or 0: lists of numbers stand packed or one by one. */
  readonly otherTag: number;
  readonly absent: SqlValue;
  /** After the tag. `previous` is what the row holds so far. */
  read(reader: ProtoReader, tag: number, previous: SqlValue): SqlValue;
  /** With the tag; nothing where absence says the same. `value` is not null. */
  write(writer: ProtoWriter, value: SqlValue): void;
}

/** A field number, what stands behind it and which place of a row it fills. */
export interface ProtoMember {
  readonly number: number;
  readonly index: number;
  readonly field: ProtoField;
}

/** Higher numbers are looked up in a map. */
const DENSE_NUMBER_MAX = 1000;

/** Columns or struct fields as a message: unless its members tell otherwise, the field of column i has the number i + 1. */
export class ProtoMessage {
  private readonly fields: readonly (ProtoField | null)[];
  private readonly places: readonly string[];
  private readonly absent: readonly SqlValue[];
  private readonly dense: readonly (ProtoMember | undefined)[];
  private readonly sparse: ReadonlyMap<number, ProtoMember>;

  /** `places` are the path steps of the fields, such as `.NAME`. A field of null is stepped over and stays null. */
  constructor(
    fields: readonly (ProtoField | null)[],
    places: readonly string[],
    members: readonly ProtoMember[] = fields.flatMap((field, i) =>
      field === null ? [] : [{ number: i + 1, index: i, field }],
    ),
  ) {
    this.fields = fields;
    this.places = places;
    this.absent = fields.map((field) => field?.absent ?? null);
    const numbers = members.map(({ number }) => number).filter((number) => number <= DENSE_NUMBER_MAX);
    const dense = new Array<ProtoMember | undefined>(Math.max(0, ...numbers) + 1).fill(undefined);
    const sparse = new Map<number, ProtoMember>();
    for (const member of members) {
      if (member.number < dense.length) dense[member.number] = member;
      else sparse.set(member.number, member);
    }
    this.dense = dense;
    this.sparse = sparse;
  }

  newRow(): SqlValue[] {
    return this.absent.slice();
  }

  /** Makes a row as `newRow` gives one. */
  clear(row: SqlValue[]): void {
    for (let i = 0; i < this.absent.length; i++) row[i] = this.absent[i] as SqlValue;
  }

  /** Reads up to the reader's end into `row`. */
  read(reader: ProtoReader, row: SqlValue[]): void {
    const { dense } = this;
    let index = -1;
    try {
      while (reader.position < reader.end) {
        index = -1;
        const tag = reader.tag();
        const number = tag >>> 3;
        const member = number < dense.length ? dense[number] : this.sparse.get(number);
        // A known number with another wire type is another program's field, and skipped as such.
        if (member === undefined || (tag !== member.field.tag && tag !== member.field.otherTag)) {
          reader.skip(tag);
          continue;
        }
        index = member.index;
        row[index] = member.field.read(reader, tag, row[index] as SqlValue);
      }
    } catch (error) {
      throw failureAt(index < 0 ? '' : (this.places[index] as string), error);
    }
  }

  /** Reads a message that stands behind its length. */
  readNested(reader: ProtoReader, row: SqlValue[]): void {
    const outerEnd = reader.end;
    reader.end = reader.payloadEnd();
    this.read(reader, row);
    reader.end = outerEnd;
  }

  write(writer: ProtoWriter, row: readonly SqlValue[]): void {
    const fields = this.fields;
    for (let i = 0; i < fields.length; i++) {
      const value = row[i] ?? null;
      if (value === null) continue;
      try {
        fields[i]?.write(writer, value);
      } catch (error) {
        throw failureAt(this.places[i] as string, error);
      }
    }
  }

  writeNested(writer: ProtoWriter, row: readonly SqlValue[]): void {
    const start = writer.open();
    this.write(writer, row);
    writer.close(start);
  }
}

export const placeOf = (field: Pick<StructField, 'name'>): string => `.${field.name}`;

export const tagOf = (number: number, wireType: number): number => ((number << 3) | wireType) >>> 0;

/** A field that is there or not; `isPresenceKept`: an absent one is NULL, so values like 0 and '' are written. */
export class SingleField implements ProtoField {
  readonly tag: number;
  readonly otherTag = 0;
  readonly absent: SqlValue;

  constructor(
    number: number,
    private readonly shape: ProtoShape,
    private readonly isPresenceKept: boolean,
  ) {
    this.tag = tagOf(number, shape.wireType);
    this.absent = isPresenceKept ? null : shape.absent;
  }

  read(reader: ProtoReader, _tag: number, previous: SqlValue): SqlValue {
    return this.shape.read(reader, previous);
  }

  write(writer: ProtoWriter, value: SqlValue): void {
    if (!this.isPresenceKept && this.shape.isAbsent(value)) return;
    writer.uint32(this.tag);
    this.shape.write(writer, value);
  }
}

/** Stands for an empty list that nobody has written to yet. */
const NO_ITEMS: readonly SqlValue[] = Object.freeze([]);

/** An ARRAY: numbers are written packed, behind one length; both spellings are read. */
export class RepeatedField implements ProtoField {
  readonly tag: number;
  readonly otherTag: number;
  readonly absent = NO_ITEMS;
  private readonly packedTag: number;

  constructor(
    number: number,
    private readonly shape: ProtoShape,
    /** Written so, where both are possible. */
    private readonly isPacked = true,
  ) {
    const packed = tagOf(number, LENGTH_DELIMITED);
    this.tag = tagOf(number, shape.wireType);
    this.packedTag = shape.wireType === LENGTH_DELIMITED ? 0 : packed;
    this.otherTag = this.packedTag;
  }

  read(reader: ProtoReader, tag: number, previous: SqlValue): SqlValue {
    const items = previous === NO_ITEMS ? [] : (previous as SqlValue[]);
    try {
      if (tag === this.packedTag) {
        const outerEnd = reader.end;
        reader.end = reader.payloadEnd();
        while (reader.position < reader.end) items.push(this.shape.read(reader, null));
        reader.end = outerEnd;
      } else items.push(this.shape.read(reader, null));
    } catch (error) {
      throw failureAt(`[${items.length}]`, error);
    }
    return items;
  }

  write(writer: ProtoWriter, value: SqlValue): void {
    const items = value as readonly SqlValue[];
    if (items.length === 0) return;
    const isPacked = this.packedTag !== 0 && this.isPacked;
    let start = 0;
    if (isPacked) {
      writer.uint32(this.packedTag);
      start = writer.open();
    }
    for (let i = 0; i < items.length; i++) {
      try {
        const item = items[i] as SqlValue;
        if (item === null) throw new Error('Protobuf cannot hold NULL in an ARRAY');
        if (!isPacked) writer.uint32(this.tag);
        this.shape.write(writer, item);
      } catch (error) {
        throw failureAt(`[${i}]`, error);
      }
    }
    if (isPacked) writer.close(start);
  }
}

const NO_ENTRIES: ReadonlyMap<SqlValue, SqlValue> = new Map();

/** A MAP: one message per entry, with the key as field 1 and the value as field 2. */
export class MapField implements ProtoField {
  readonly tag: number;
  readonly otherTag = 0;
  readonly absent = NO_ENTRIES;
  private readonly entry: ProtoMessage;

  constructor(
    number: number,
    key: ProtoField,
    value: ProtoField,
    /** The shape of the value; undefined where that is a list or map, which are never absent. */
    private readonly valueShape: ProtoShape | undefined,
  ) {
    this.tag = tagOf(number, LENGTH_DELIMITED);
    this.entry = new ProtoMessage([key, value], ['', '']);
  }

  read(reader: ProtoReader, _tag: number, previous: SqlValue): SqlValue {
    const map = previous === NO_ENTRIES ? new Map<SqlValue, SqlValue>() : (previous as Map<SqlValue, SqlValue>);
    const row = this.entry.newRow();
    try {
      this.entry.readNested(reader, row);
      map.set(row[0] as SqlValue, row[1] ?? this.valueShape?.empty() ?? null);
    } catch (error) {
      throw failureAt(`.${String(row[0])}`, error);
    }
    return map;
  }

  write(writer: ProtoWriter, value: SqlValue): void {
    for (const entry of value as ReadonlyMap<SqlValue, SqlValue>) {
      try {
        if (entry[1] === null) throw new Error('Protobuf cannot hold NULL in a MAP');
        writer.uint32(this.tag);
        this.entry.writeNested(writer, entry);
      } catch (error) {
        throw failureAt(`.${String(entry[0])}`, error);
      }
    }
  }
}
