import type { WindowInfo } from '../catalog/data-source.js';
import { asBuffer } from './as-buffer.js';

/**
 * A key with its window, as Kafka Streams writes it to topics: the bytes of the key, then
 *
 * - time windows: start, 8 bytes big-endian ms; the end follows from the size
 * - sessions: end, then start, 8 bytes each
 */
export interface WindowedKey {
  readonly key: Uint8Array;
  readonly windowStart: number;
  readonly windowEnd: number;
}

const LONG_BYTES = 8;

export function encodeWindowedKey(
  key: Uint8Array | null,
  windowStart: number,
  windowEnd: number,
  window: WindowInfo,
): Uint8Array {
  const length = key?.length ?? 0;
  const isSession = window.type === 'SESSION';
  const bytes = Buffer.allocUnsafe(length + (isSession ? 2 * LONG_BYTES : LONG_BYTES));
  if (key !== null) bytes.set(key);
  if (isSession) writeLong(bytes, windowEnd, length);
  writeLong(bytes, windowStart, isSession ? length + LONG_BYTES : length);
  return bytes;
}

/** @throws Error when the bytes are too few */
export function decodeWindowedKey(bytes: Uint8Array, window: WindowInfo): WindowedKey {
  const buffer = asBuffer(bytes);
  const isSession = window.type === 'SESSION';
  const length = bytes.length - (isSession ? 2 * LONG_BYTES : LONG_BYTES);
  if (length < 0) throw new Error(`A windowed key needs at least ${isSession ? 16 : 8} bytes, but has ${bytes.length}`);
  const key = bytes.subarray(0, length);
  if (isSession) {
    return { key, windowStart: readLong(buffer, length + LONG_BYTES), windowEnd: readLong(buffer, length) };
  }
  const windowStart = readLong(buffer, length);
  return { key, windowStart, windowEnd: windowStart + (window.sizeMs ?? 0) };
}

function writeLong(bytes: Buffer, value: number, at: number): void {
  bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
  bytes.writeUInt32BE(value >>> 0, at + 4);
}

function readLong(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}
