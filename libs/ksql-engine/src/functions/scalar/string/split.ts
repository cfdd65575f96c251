import { arrayType, BYTES, STRING } from '../../../types/sql-type.js';
import { binary, param, scalarFunction } from '../../signature.js';

/** More could only exhaust memory. */
const PARTS_MAX = 1_000_000;

function checkParts(count: number): void {
  if (count > PARTS_MAX) throw new Error(`SPLIT gives more than ${PARTS_MAX} parts: use a longer delimiter`);
}

function splitText(text: string, delimiter: string): string[] {
  if (text === '') return [''];
  const parts = text.split(delimiter, PARTS_MAX + 1);
  checkParts(parts.length);
  return parts;
}

function indexOfBytes(bytes: Uint8Array, part: Uint8Array, from: number): number {
  outer: for (let at = from; at + part.length <= bytes.length; at++) {
    for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) continue outer;
    return at;
  }
  return -1;
}

function splitBytes(bytes: Uint8Array, delimiter: Uint8Array): Uint8Array[] {
  if (bytes.length === 0) return [bytes];
  if (delimiter.length === 0) checkParts(bytes.length);
  if (delimiter.length === 0) return Array.from(bytes, (byte) => Uint8Array.of(byte));
  const parts: Uint8Array[] = [];
  let start = 0;
  for (;;) {
    const at = indexOfBytes(bytes, delimiter, start);
    if (at < 0) break;
    parts.push(bytes.slice(start, at));
    checkParts(parts.length);
    start = at + delimiter.length;
  }
  parts.push(bytes.slice(start));
  return parts;
}

export const split = scalarFunction(
  'SPLIT',
  'STRING',
  'The parts between the occurrences of a delimiter; an empty delimiter gives the single characters or bytes.',
  [
    binary([param('string', STRING), param('delimiter', STRING)], arrayType(STRING), splitText),
    binary([param('bytes', BYTES), param('delimiter', BYTES)], arrayType(BYTES), splitBytes),
  ],
);
