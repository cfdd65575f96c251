import type { ByteWriter } from '../byte-writer.js';

const SCRATCH = Buffer.alloc(8);
/** Twice a number below it is exact. */
const DOUBLED_SAFELY = 2 ** 52;

/** An int or a long: zig-zag, seven bits per byte, the lowest first. */
export function writeAvroLong(value: SqlInt64, writer: ByteWriter): void {
  if (typeof value === 'number' && value >= -0x4000_0000 && value < 0x4000_0000) {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest > 0x7f) {
      writer.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    writer.byte(rest);
    return;
  }
  if (typeof value === 'number' && value > -DOUBLED_SAFELY && value < DOUBLED_SAFELY) {
    let rest = value >= 0 ? 2 * value : -2 * value - 1;
    while (rest > 0x7f) {
      const shifted = Math.floor(rest / 0x80);
      writer.byte((rest - shifted * 0x80) | 0x80);
      rest = shifted;
    }
    writer.byte(rest);
    return;
  }
  const wide = BigInt(value);
  let rest = BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n));
  while (rest > 0x7fn) {
    writer.byte(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  writer.byte(Number(rest));
}
type SqlInt64 = number | bigint;

export function writeAvroFloat(value: number, writer: ByteWriter): void {
  SCRATCH.writeFloatLE(value);
  writer.part(SCRATCH, 0, 4);
}

export function writeAvroDouble(value: number, writer: ByteWriter): void {
  SCRATCH.writeDoubleLE(value);
  writer.part(SCRATCH, 0, 8);
}

export function writeAvroBytes(bytes: Uint8Array, writer: ByteWriter): void {
  writeAvroLong(bytes.length, writer);
  writer.bytes(bytes);
}

export function writeAvroText(text: string, writer: ByteWriter): void {
  writeAvroLong(isShortAscii(text) ? text.length : Buffer.byteLength(text), writer);
  writer.text(text);
}

/** Longer texts are counted by native code, whose call costs more than a short loop. */
const SHORT_TEXT = 32;

function isShortAscii(text: string): boolean {
  if (text.length > SHORT_TEXT) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}
