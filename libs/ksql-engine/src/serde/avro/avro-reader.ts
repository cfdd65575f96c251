import { normalizeBigint } from '../../types/sql-value.js';
import { utf8Text } from '../utf8-text.js';

const TWO_32 = 0x1_0000_0000;

/**
 * Steps through the bytes of one Avro value. A method moves behind what it has read. Damaged bytes are a `failure`: then every method
 * gives something of its type without moving, since throwing costs more than many good records; who loops looks at `hasFailed`.
 */
export class AvroReader {
  bytes: Buffer = Buffer.alloc(0);
  position = 0;
  end = 0;
  hasFailed = false;
  /** Items without bytes that this value has had so far. */
  private emptyItems = 0;
  private begin = 0;
  private reason = '';
  private path = '';

  /** Reads the bytes between two places. */
  start(bytes: Buffer, begin: number, end: number): void {
    this.bytes = bytes;
    this.begin = begin;
    this.position = begin;
    this.end = end;
    this.hasFailed = false;
    this.emptyItems = 0;
  }

  /** Why the value cannot be read, with its place, after `hasFailed`. */
  get failure(): string {
    return `${this.reason}, path: $${this.path}`;
  }

  /** The first reason counts. */
  fail(reason: string): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.reason = reason;
    this.path = '';
    this.position = this.end;
  }

  /** After a failure: it happened inside this place, such as `.NAME` or `[2]`. */
  failedIn(place: string): void {
    this.path = `${place}${this.path}`;
  }

  private endsEarly(): void {
    this.fail(`Avro data ends too early, at byte ${this.end - this.begin}`);
  }

  boolean(): boolean {
    if (this.position >= this.end) {
      this.endsEarly();
      return false;
    }
    const byte = this.bytes[this.position++] as number;
    if (byte > 1) this.fail(`Avro data has no boolean at byte ${this.position - 1 - this.begin}`);
    return byte === 1;
  }

  /** An int: a zig-zag number that fits 32 bits. */
  int(): number {
    const at = this.position;
    if (at < this.end) {
      const byte = this.bytes[at] as number;
      if (byte < 0x80) {
        this.position = at + 1;
        return (byte >>> 1) ^ -(byte & 1);
      }
    }
    const value = this.long();
    if (typeof value === 'number' && value === (value | 0)) return value;
    this.fail(`Avro data has no int at byte ${at - this.begin}: ${value}`);
    return 0;
  }

  /** A long, normalised as BIGINT is. */
  long(): number | bigint {
    const { bytes, end } = this;
    let at = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) {
        this.endsEarly();
        return 0;
      }
      const byte = bytes[at++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte >= 0x80) continue;
      this.position = at;
      const sign = -(low & 1);
      const lowHalf = (((low >>> 1) | (high << 31)) ^ sign) >>> 0;
      const highHalf = (high >>> 1) ^ sign;
      if (highHalf >= -0x1f_ffff && highHalf <= 0x1f_ffff) return highHalf * TWO_32 + lowHalf;
      return normalizeBigint((BigInt(highHalf) << 32n) | BigInt(lowHalf));
    }
    this.fail(`Avro data has a number of more than 10 bytes at byte ${this.position - this.begin}`);
    return 0;
  }

  /** Steps over an int or a long. */
  skipNumber(): void {
    const { bytes, end } = this;
    let at = this.position;
    const last = at + 10;
    while (at < end) {
      if ((bytes[at++] as number) < 0x80) {
        this.position = at;
        return;
      }
      if (at === last) {
        this.fail(`Avro data has a number of more than 10 bytes at byte ${this.position - this.begin}`);
        return;
      }
    }
    this.endsEarly();
  }

  float(): number {
    const at = this.position;
    this.skipBytes(4);
    return this.hasFailed ? 0 : this.bytes.readFloatLE(at);
  }

  double(): number {
    const at = this.position;
    this.skipBytes(8);
    return this.hasFailed ? 0 : this.bytes.readDoubleLE(at);
  }

  skipBytes(count: number): void {
    if (count > this.end - this.position) this.endsEarly();
    else this.position += count;
  }

  /** Reads the length before bytes or a text, and tells where these end. */
  payloadEnd(): number {
    const at = this.position;
    const length = this.long();
    if (typeof length === 'number' && length >= 0 && length <= this.end - this.position) return this.position + length;
    this.fail(
      length < 0
        ? `Avro data has a negative length at byte ${at - this.begin}: ${length}`
        : `Avro data has a length of ${length} at byte ${at - this.begin}, but ${this.end - this.position} bytes are left`,
    );
    return this.end;
  }

  /** A view on the bytes of a length, not a copy. */
  view(): Buffer {
    const to = this.payloadEnd();
    return this.viewTo(to);
  }

  viewOf(count: number): Buffer {
    if (count > this.end - this.position) this.endsEarly();
    return this.viewTo(Math.min(this.end, this.position + count));
  }

  private viewTo(to: number): Buffer {
    const view = this.bytes.subarray(this.position, to);
    this.position = to;
    return view;
  }

  string(): string {
    const to = this.payloadEnd();
    const from = this.position;
    this.position = to;
    const text = utf8Text(this.bytes, from, to);
    if (text !== undefined) return text;
    this.fail(`Text is not UTF-8 between the bytes ${from - this.begin} and ${to - this.begin}`);
    return '';
  }

  /**
   * The number of items in the next block of an array or a map; 0 behind the last. `itemBytes` is what an item takes at least: a block
   * cannot have more items than there are bytes for, nor many that take none.
   */
  blockCount(itemBytes: number): number {
    const at = this.position;
    let count = this.long();
    if (count < 0) {
      count = -count;
      this.skipNumber();
    }
    const most = itemBytes === 0 ? EMPTY_ITEMS_MAX - this.emptyItems : (this.end - this.position) / itemBytes;
    if (typeof count === 'number' && count <= most) {
      if (itemBytes === 0) this.emptyItems += count;
      return count;
    }
    this.fail(
      `Avro data has a block of ${count} items at byte ${at - this.begin}, but ${this.end - this.position} bytes are left`,
    );
    return 0;
  }

  /** Steps over the blocks of an array or a map: at once where they tell their sizes. */
  skipBlocks(itemBytes: number, skipItem: (reader: AvroReader) => void): void {
    while (!this.hasFailed) {
      const at = this.position;
      const count = this.long();
      if (count === 0) return;
      if (count < 0) {
        this.position = this.payloadEnd();
        continue;
      }
      this.position = at;
      for (let left = this.blockCount(itemBytes); left > 0 && !this.hasFailed; left--) skipItem(this);
    }
  }
}

/** Items of arrays that take no bytes, such as nulls, in one value: a few bytes may claim any number of them, in any number of blocks. */
const EMPTY_ITEMS_MAX = 10_000;
