import type { ByteWriter } from './byte-writer.js';

const INITIAL_BYTES = 512;
/** A larger buffer is given back after its record. */
const KEPT_BYTES_MAX = 64 * 1024;
/** Texts up to here have a length of one byte, whatever their characters. */
const SHORT_TEXT = 42;
const TWO_32 = 0x1_0000_0000;

/** Builds the bytes of one protobuf message after the other; `take` and `moveTo` hand them over and start anew. */
export class ProtoWriter {
  private buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  private length = 0;

  /** Drops what a failed record has left behind. */
  start(): void {
    this.length = 0;
  }

  take(): Buffer {
    const bytes = Buffer.from(this.buffer.subarray(0, this.length));
    this.forget();
    return bytes;
  }

  /** Appends what was written to other bytes and starts anew. */
  moveTo(writer: ByteWriter): void {
    writer.part(this.buffer, 0, this.length);
    this.forget();
  }

  private forget(): void {
    if (this.buffer.length > KEPT_BYTES_MAX) this.buffer = Buffer.allocUnsafe(INITIAL_BYTES);
    this.length = 0;
  }

  /** A tag, a length: 0 to 2^32 − 1. */
  uint32(value: number): void {
    this.reserve(5);
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.length++] = rest;
  }

  /** Negative numbers take ten bytes, as their sign goes up to bit 63. */
  int64(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value < TWO_32) return this.uint32(value);
    let low: number;
    let high: number;
    if (typeof value === 'number') {
      high = Math.floor(value / TWO_32) | 0;
      low = value >>> 0;
    } else {
      high = Number(BigInt.asIntN(32, value >> 32n));
      low = Number(BigInt.asUintN(32, value));
    }
    this.reserve(10);
    while (high !== 0 || low > 0x7f) {
      this.buffer[this.length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.buffer[this.length++] = low;
  }

  double(value: number): void {
    this.reserve(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  float(value: number): void {
    this.reserve(4);
    this.length = this.buffer.writeFloatLE(value, this.length);
  }

  /** Four bytes; negative numbers as two's complement. */
  fixed32(value: number): void {
    this.reserve(4);
    this.length = this.buffer.writeInt32LE(value | 0, this.length);
  }

  fixed64(value: number | bigint): void {
    this.reserve(8);
    this.length = this.buffer.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)), this.length);
  }

  string(text: string): void {
    if (text.length <= SHORT_TEXT) {
      this.reserve(1 + 3 * text.length);
      const start = this.length + 1;
      const written = this.ascii(text, start) ? text.length : this.buffer.write(text, start);
      this.buffer[this.length] = written;
      this.length = start + written;
      return;
    }
    const size = Buffer.byteLength(text);
    this.uint32(size);
    this.reserve(size);
    this.length += this.buffer.write(text, this.length);
  }

  /** Native encoding costs more than a short loop. False where another character stands. */
  private ascii(text: string, start: number): boolean {
    const buffer = this.buffer;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      buffer[start + i] = code;
    }
    return true;
  }

  bytes(bytes: Uint8Array): void {
    this.uint32(bytes.length);
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Begins a nested message or a packed list, whose length `close` puts before it. */
  open(): number {
    this.reserve(1);
    return ++this.length;
  }

  close(start: number): void {
    const size = this.length - start;
    if (size < 0x80) {
      this.buffer[start - 1] = size;
      return;
    }
    const moved = size < 0x4000 ? 1 : size < 0x20_0000 ? 2 : size < 0x1000_0000 ? 3 : 4;
    this.reserve(moved);
    this.buffer.copyWithin(start + moved, start, this.length);
    this.length = start - 1;
    this.uint32(size);
    this.length = start + moved + size;
  }

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.buffer.length));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }
}
