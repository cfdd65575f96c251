import { asciiOf, bytesFromAscii } from '../../bytes/ascii.js';
import { bytesFromHex, hexOf } from '../../bytes/hex.js';
import { bytesFromUtf8, utf8Of } from '../../bytes/utf8.js';
import { STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, ternary } from '../../signature.js';

interface Encoding {
  readonly read: (text: string) => Uint8Array;
  readonly write: (bytes: Uint8Array) => string;
}

/** Hex may be written `0x…` or `X'…'`. A single digit behind `0x` stands for a byte of its own. */
function readHex(text: string): Uint8Array {
  const quoted = /^[xX]'(.*)'$/s.exec(text)?.[1];
  if (quoted !== undefined) return bytesFromHex(quoted);
  if (!text.startsWith('0x')) return bytesFromHex(text);
  const digits = text.slice(2);
  return bytesFromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
}

/** Characters outside the alphabet are passed over. */
const readBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  hex: { read: readHex, write: hexOf },
  utf8: { read: bytesFromUtf8, write: utf8Of },
  ascii: { read: bytesFromAscii, write: asciiOf },
  base64: { read: readBase64, write: (bytes) => Buffer.from(bytes).toString('base64') },
};

export const encode = scalarFunction(
  'ENCODE',
  'STRING',
  'A text in another encoding: hex, utf8, ascii or base64, from one to a different one.',
  [
    ternary(
      [param('str', STRING), param('inputEncoding', STRING), param('outputEncoding', STRING)],
      STRING,
      (text: string, from: string, to: string) => {
        const input = ENCODINGS[from.toLowerCase()];
        const output = ENCODINGS[to.toLowerCase()];
        if (!input || !output || input === output) {
          throw new Error(
            `ENCODE takes two different ones of ${Object.keys(ENCODINGS).join(', ')}, got ${from}, ${to}`,
          );
        }
        return output.write(input.read(text));
      },
    ),
  ],
);
