import { Decimal } from '../types/decimal.js';
import { normalizeBigint, type SqlArray, type SqlMap, type SqlValue } from '../types/sql-value.js';

/**
 * SQL values as bytes that describe themselves, exact for every value. Internal to changelogs and snapshots.
 *
 * One tag byte, then: number int32 4 bytes · number double 8 bytes · bigint, text, decimal: length and UTF-8 · bytes: length and
 * bytes · array: count and items · map: count and pairs · text with halves of surrogate pairs, which UTF-8 does not have: length and UTF-16.
 * Lengths and counts are unsigned LEB128.
 */
const enum Tag {
  Null = 0,
  False = 1,
  True = 2,
  Int32 = 3,
  Double = 4,
  Bigint = 5,
  Text = 6,
  Bytes = 7,
  Decimal = 8,
  Array = 9,
  Map = 10,
  BrokenText = 11,
}

export class ValueWriter {
  private buffer = Buffer.allocUnsafe(256);
  private length = 0;

  start(): void {
    this.length = 0;
  }

  /** A copy of what was written since `start`. */
  finish(): Uint8Array {
    return new Uint8Array(this.buffer.subarray(0, this.length));
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  double(value: number): void {
    this.reserve(8);
    this.length = this.buffer.writeDoubleBE(value, this.length);
  }

  count(value: number): void {
    this.reserve(5);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.length++] = rest;
  }

  value(value: SqlValue): void {
    switch (typeof value) {
      case 'boolean':
        return this.byte(value ? Tag.True : Tag.False);
      case 'number':
        return this.number(value);
      case 'bigint':
        this.byte(Tag.Bigint);
        return this.text(value.toString());
      case 'string':
        return this.string(value);
      default:
        return this.object(value as null | Uint8Array | Decimal | SqlArray | SqlMap);
    }
  }

  values(values: SqlArray): void {
    this.count(values.length);
    for (let i = 0; i < values.length; i++) this.value(values[i] as SqlValue);
  }

  private number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.byte(Tag.Int32);
      this.reserve(4);
      this.length = this.buffer.writeInt32BE(value, this.length);
    } else {
      this.byte(Tag.Double);
      this.double(value);
    }
  }

  private object(value: null | Uint8Array | Decimal | SqlArray | SqlMap): void {
    if (value === null) this.byte(Tag.Null);
    else if (value instanceof Decimal) {
      this.byte(Tag.Decimal);
      this.count(value.scale);
      this.text(value.unscaled.toString());
    } else if (value instanceof Uint8Array) {
      this.byte(Tag.Bytes);
      this.count(value.length);
      this.reserve(value.length);
      this.buffer.set(value, this.length);
      this.length += value.length;
    } else if (value instanceof Map) {
      this.byte(Tag.Map);
      const map = value as SqlMap;
      this.count(map.size);
      for (const [key, item] of map) {
        this.value(key);
        this.value(item);
      }
    } else {
      this.byte(Tag.Array);
      this.values(value as SqlArray);
    }
  }

  private string(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes !== text.length && !text.isWellFormed()) {
      this.byte(Tag.BrokenText);
      this.count(text.length * 2);
      this.reserve(text.length * 2);
      this.length += this.buffer.write(text, this.length, 'utf16le');
      return;
    }
    this.byte(Tag.Text);
    this.text(text, bytes);
  }

  private text(text: string, bytes = Buffer.byteLength(text)): void {
    this.count(bytes);
    this.reserve(bytes);
    this.length += this.buffer.write(text, this.length);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

export class ValueReader {
  private readonly buffer: Buffer;
  private position = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.buffer.readUInt8(this.position++);
  }

  double(): number {
    this.position += 8;
    return this.buffer.readDoubleBE(this.position - 8);
  }

  count(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  values(): SqlValue[] {
    const values: SqlValue[] = [];
    for (let rest = this.count(); rest > 0; rest--) values.push(this.value());
    return values;
  }

  /** @throws Error for an unknown tag or too few bytes */
  value(): SqlValue {
    const tag: Tag = this.byte();
    switch (tag) {
      case Tag.Null:
        return null;
      case Tag.False:
        return false;
      case Tag.True:
        return true;
      case Tag.Int32:
        this.position += 4;
        return this.buffer.readInt32BE(this.position - 4);
      case Tag.Double:
        return this.double();
      case Tag.Bigint:
        return normalizeBigint(BigInt(this.text()));
      case Tag.Text:
        return this.text();
      case Tag.BrokenText:
        return this.take(this.count()).toString('utf16le');
      case Tag.Bytes:
        return new Uint8Array(this.take(this.count()));
      case Tag.Decimal: {
        const scale = this.count();
        return new Decimal(BigInt(this.text()), scale);
      }
      case Tag.Array:
        return this.values();
      case Tag.Map: {
        const map = new Map<SqlValue, SqlValue>();
        for (let rest = this.count(); rest > 0; rest--) {
          const key = this.value();
          map.set(key, this.value());
        }
        return map;
      }
      default:
        throw new Error(`stored value has an unknown tag ${String(tag)}: the changelog was written by another version`);
    }
  }

  private text(): string {
    return this.take(this.count()).toString('utf8');
  }

  private take(bytes: number): Buffer {
    const from = this.position;
    this.position += bytes;
    if (this.position > this.buffer.length) throw new Error('stored value ends too early');
    return this.buffer.subarray(from, this.position);
  }
}
