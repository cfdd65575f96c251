import { BYTES, STRING } from '../../../types/sql-type.js';
import { bytesEncoding } from '../../bytes/encodings.js';
import { binary, param, scalarFunction } from '../../signature.js';

export const toBytes = scalarFunction('TO_BYTES', 'STRING', 'The bytes of a text in hex, utf8, ascii or base64.', [
  binary([param('value', STRING), param('encoding', STRING)], BYTES, (text: string, encoding: string) =>
    bytesEncoding(encoding).read(text),
  ),
]);
