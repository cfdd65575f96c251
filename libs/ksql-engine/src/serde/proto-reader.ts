import { normalizeBigint } from '../types/sql-value.js';
import { utf8Text } from './utf8-text.js';

/** How a field stands in protobuf bytes: the low three bits of its tag. */
export const VARINT = 0;
export const FIXED_64 = 1;
export const LENGTH_DELIMITED = 2;
const GROUP_START = 3;
const GROUP_END = 4;
export const FIXED_32 = 5;

/** Unknown groups inside one another; more is no data. */
const GROUP_DEPTH_MAX = 100;
const TWO_32 = 0x1_0000_0000;

/** Steps through the bytes of one protobuf message. A method moves behind what it has read, and throws where the bytes are damaged. */
export class ProtoReader {
  position = 0;
  /** Where the message ends that is being read. */
  end = 0;
  bytes: Buffer = Buffer.alloc(0);

  private begin = 0;

  /** Reads the bytes between two places. */
  start(bytes: Buffer, begin: number, end: number): void {
    this.bytes = bytes;
    this.begin = begin;
    this.position = begin;
    this.end = end;
  }

  /** Field number × 8 + wire type. */
  tag(): number {
    const first = this.bytes[this.position] as number;
    if (first < 0x80 && first > 7 && this.position < this.end) {
      this.position++;
      return first;
    }
    const at = this.position;
    const tag = this.int32() >>> 0;
    if (this.position - at > 5 || tag < 8) throw new Error(`Protobuf has no field number at byte ${at - this.begin}`);
    return tag;
  }

  private byte(): number {
    if (this.position >= this.end) throw this.truncated();
    return this.bytes[this.position++] as number;
  }

  /** The low 32 bits of a varint, signed. */
  int32(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let low = byte & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      byte = this.byte();
      // Bits beyond the 32nd are a sign, or lost.
      if (shift < 32) low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    throw this.endless();
  }

  /** A signed varint of 64 bits, normalised as BIGINT is. */
  int64(): number | bigint {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let low = byte & 0x7f;
    let high = 0;
    for (let shift = 7; shift < 70; shift += 7) {
      byte = this.byte();
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      if (byte >= 0x80) continue;
      if (high >= -0x1f_ffff && high <= 0x1f_ffff) return high * TWO_32 + (low >>> 0);
      return normalizeBigint((BigInt(high) << 32n) | BigInt(low >>> 0));
    }
    throw this.endless();
  }

  bool(): boolean {
    return this.int64() !== 0;
  }

  double(): number {
    return this.bytes.readDoubleLE(this.fixed(8));
  }

  float(): number {
    return this.bytes.readFloatLE(this.fixed(4));
  }

  /** Four bytes, signed. */
  fixed32(): number {
    return this.bytes.readInt32LE(this.fixed(4));
  }

  /** Eight bytes, signed, normalised as BIGINT is. */
  fixed64(): number | bigint {
    return normalizeBigint(this.bytes.readBigInt64LE(this.fixed(8)));
  }

  /** The place of so many bytes, which are stepped over. */
  private fixed(count: number): number {
    const at = this.position;
    this.skipBytes(count);
    return at;
  }

  /** The length that stands before a text or message: gives where that ends. */
  payloadEnd(): number {
    const length = this.int32();
    if (length < 0 || length > this.end - this.position) throw this.truncated();
    return this.position + length;
  }

  string(): string {
    const to = this.payloadEnd();
    const from = this.position;
    this.position = to;
    const text = utf8Text(this.bytes, from, to);
    if (text === undefined) throw new Error(`Text is not UTF-8 between the bytes ${from} and ${to}`);
    return text;
  }

  /** A view on the message's bytes, not a copy. */
  view(): Buffer {
    const to = this.payloadEnd();
    const view = this.bytes.subarray(this.position, to);
    this.position = to;
    return view;
  }

  /** Steps over a field that nobody reads. */
  skip(tag: number, depth = 0): void {
    switch (tag & 7) {
      case VARINT:
        this.int32();
        return;
      case FIXED_64:
        return this.skipBytes(8);
      case LENGTH_DELIMITED:
        this.position = this.payloadEnd();
        return;
      case GROUP_START:
        if (depth >= GROUP_DEPTH_MAX) throw new Error(`Protobuf has groups deeper than ${GROUP_DEPTH_MAX}`);
        return this.skipGroup(tag >>> 3, depth + 1);
      case FIXED_32:
        return this.skipBytes(4);
      default:
        throw new Error(`Protobuf has an unexpected wire type ${tag & 7} before byte ${this.position - this.begin}`);
    }
  }

  private skipGroup(number: number, depth: number): void {
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) !== GROUP_END) this.skip(tag, depth);
      else if (tag >>> 3 === number) return;
      else throw new Error(`Protobuf ends a group that is not open before byte ${this.position - this.begin}`);
    }
  }

  private skipBytes(count: number): void {
    if (this.end - this.position < count) throw this.truncated();
    this.position += count;
  }

  private truncated(): Error {
    return new Error(`Protobuf ends too early, at byte ${this.end - this.begin}`);
  }

  private endless(): Error {
    return new Error(`Protobuf has a number of more than 10 bytes before byte ${this.position - this.begin}`);
  }
}
