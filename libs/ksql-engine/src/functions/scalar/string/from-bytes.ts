import { BYTES, STRING } from '../../../types/sql-type.js';
import { bytesEncoding } from '../../bytes/encodings.js';
import { binary, param, scalarFunction } from '../../signature.js';

export const fromBytes = scalarFunction('FROM_BYTES', 'STRING', 'Bytes as text in hex, utf8, ascii or base64.', [
  binary([param('value', BYTES), param('encoding', STRING)], STRING, (bytes: Uint8Array, encoding: string) =>
    bytesEncoding(encoding).write(bytes),
  ),
]);
