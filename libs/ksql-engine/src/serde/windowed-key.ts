import type { WindowInfo } from '../catalog/data-source.js';
import { asBuffer } from './as-buffer.js';
import type { ByteWriter } from './byte-writer.js';

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

/** Appends the window to a key that was written. */
export function writeWindow(writer: ByteWriter, windowStart: number, windowEnd: number, window: WindowInfo): void {
  if (window.type === 'SESSION') writer.int64(windowEnd);
  writer.int64(windowStart);
}

/** How many bytes of a windowed key are its window. */
export function windowBytes({ type }: WindowInfo): number {
  return type === 'SESSION' ? 2 * LONG_BYTES : LONG_BYTES;
}

/** Bounds of the window that stands at `at`, behind the bytes of the key. */
export function windowStartAt(bytes: Buffer, at: number, { type }: WindowInfo): number {
  return readLong(bytes, type === 'SESSION' ? at + LONG_BYTES : at);
}
export function windowEndAt(bytes: Buffer, at: number, { type, sizeMs }: WindowInfo): number {
  const first = readLong(bytes, at);
  return type === 'SESSION' ? first : first + (sizeMs ?? 0);
}

/** @throws Error when the bytes are too few */
export function decodeWindowedKey(bytes: Uint8Array, window: WindowInfo): WindowedKey {
  const buffer = asBuffer(bytes);
  const length = keyLength(bytes.length, window);
  return {
    key: bytes.subarray(0, length),
    windowStart: windowStartAt(buffer, length, window),
    windowEnd: windowEndAt(buffer, length, window),
  };
}

/** How many of so many bytes are the key. @throws Error when they are too few for a window */
export function keyLength(bytes: number, window: WindowInfo): number {
  const length = bytes - windowBytes(window);
  if (length < 0) throw new Error(`A windowed key needs at least ${windowBytes(window)} bytes, but has ${bytes}`);
  return length;
}

function readLong(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}
