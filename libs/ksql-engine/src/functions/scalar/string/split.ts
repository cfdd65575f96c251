import { arrayType, BYTES, STRING } from '../../../types/sql-type.js';
import { binary, param, scalarFunction } from '../../signature.js';

function splitText(text: string, delimiter: string): string[] {
  return text === '' ? [''] : text.split(delimiter);
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
  if (delimiter.length === 0) return Array.from(bytes, (byte) => Uint8Array.of(byte));
  const parts: Uint8Array[] = [];
  let start = 0;
  for (;;) {
    const at = indexOfBytes(bytes, delimiter, start);
    if (at < 0) break;
    parts.push(bytes.slice(start, at));
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
