import { BYTES, INTEGER, STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const len = scalarFunction('LEN', 'STRING', 'The number of UTF-16 units of a text, or of bytes.', [
  unary(param('input', STRING), INTEGER, (input: string) => input.length),
  unary(param('input', BYTES), INTEGER, (input: Uint8Array) => input.length),
]);
