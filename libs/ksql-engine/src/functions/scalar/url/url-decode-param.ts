import { STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';
import { decodeEscapes } from './uri.js';

function decode(text: string): string {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw new Error(`incomplete escape: each % needs two hexadecimal digits`);
  return decodeEscapes(text.replaceAll('+', ' '));
}

export const urlDecodeParam = scalarFunction('URL_DECODE_PARAM', 'URL', 'The text of a URL parameter value.', [
  unary(param('input', STRING), STRING, decode),
]);
