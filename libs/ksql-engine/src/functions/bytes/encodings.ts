import { textToBytes } from '../../types/text-to-value.js';
import { asciiOf, bytesFromAscii } from './ascii.js';
import { bytesFromHex, hexOf } from './hex.js';
import { bytesFromUtf8, utf8Of } from './utf8.js';

/** How TO_BYTES and FROM_BYTES write bytes as text. Hex digits are upper case. */
export interface BytesEncoding {
  readonly read: (text: string) => Uint8Array;
  readonly write: (bytes: Uint8Array) => string;
}

const ENCODINGS: Readonly<Record<string, BytesEncoding>> = {
  hex: { read: bytesFromHex, write: (bytes) => hexOf(bytes).toUpperCase() },
  utf8: { read: bytesFromUtf8, write: utf8Of },
  ascii: { read: bytesFromAscii, write: asciiOf },
  base64: { read: textToBytes, write: (bytes) => Buffer.from(bytes).toString('base64') },
};

/** By name, in any case. @throws Error for an unknown name */
export function bytesEncoding(name: string): BytesEncoding {
  const encoding = ENCODINGS[name.toLowerCase()];
  if (encoding === undefined) {
    throw new Error(`unknown encoding '${name}': use one of ${Object.keys(ENCODINGS).join(', ')}`);
  }
  return encoding;
}
