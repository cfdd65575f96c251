import { STRING } from '../../../types/sql-type.js';
import { bytesFromUtf8 } from '../../bytes/utf8.js';
import { param, scalarFunction, unary } from '../../signature.js';

/** As HTML forms do: letters, digits and `.-*_` stay, a blank becomes a plus. */
function encode(text: string): string {
  return text.replace(/[^A-Za-z0-9.*_-]+/g, (run) =>
    Array.from(bytesFromUtf8(run), (byte) =>
      byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}

export const urlEncodeParam = scalarFunction('URL_ENCODE_PARAM', 'URL', 'The text as a URL parameter value.', [
  unary(param('input', STRING), STRING, encode),
]);
