import { BYTES, INTEGER, STRING } from '../../../types/sql-type.js';
import { binary, param, scalarFunction, ternary } from '../../signature.js';

/** Where a 1-based position begins; negative ones count from the end, 0 means 1, outside ones are clipped. */
function startIndex(position: number, size: number): number {
  if (position > 0) return Math.min(position - 1, size);
  return position === 0 ? 0 : Math.max(0, size + position);
}

/** Java adds start and length as 32-bit numbers: a huge length wraps and leaves nothing, unless the start is 0. */
function endIndex(start: number, length: number, size: number): number {
  return Math.max(start, Math.min((start + length) | 0, size));
}

export const substring = scalarFunction(
  'SUBSTRING',
  'STRING',
  'A part of a text or of bytes, from a 1-based position (negative: from the end), to the end or of a given length.',
  [
    ternary(
      [param('str', STRING), param('pos', INTEGER), param('length', INTEGER)],
      STRING,
      (text: string, position: number, length: number) => {
        const start = startIndex(position, text.length);
        return text.slice(start, endIndex(start, length, text.length));
      },
    ),
    ternary(
      [param('bytes', BYTES), param('pos', INTEGER), param('length', INTEGER)],
      BYTES,
      (bytes: Uint8Array, position: number, length: number) => {
        const start = startIndex(position, bytes.length);
        return bytes.slice(start, endIndex(start, length, bytes.length));
      },
    ),
    binary([param('bytes', BYTES), param('pos', INTEGER)], BYTES, (bytes: Uint8Array, position: number) =>
      bytes.slice(startIndex(position, bytes.length)),
    ),
    binary([param('str', STRING), param('pos', INTEGER)], STRING, (text: string, position: number) =>
      text.slice(startIndex(position, text.length)),
    ),
  ],
);
