import { INTEGER, STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

/** `\uXXXX`, one or several of them. */
function unescape(escaped: string): string | null {
  if (!escaped.startsWith('\\u')) return null;
  let text = '';
  for (let at = 0; at < escaped.length; at += 6) {
    const hex = escaped.slice(at + 2, at + 6);
    if (!escaped.startsWith('\\u', at) || !/^[0-9a-fA-F]{4}$/.test(hex)) {
      throw new Error(`not a \\uXXXX escape: ${escaped.slice(at, at + 6)}`);
    }
    text += String.fromCharCode(Number.parseInt(hex, 16));
  }
  return text;
}

export const chr = scalarFunction('CHR', 'STRING', 'The character of a code point, or of `\\uXXXX` escapes.', [
  unary(param('decimalCode', INTEGER), STRING, (code: number) =>
    code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null,
  ),
  unary(param('utf16Code', STRING), STRING, unescape),
]);
