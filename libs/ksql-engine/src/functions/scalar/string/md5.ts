import { createHash } from 'node:crypto';
import { STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const md5 = scalarFunction('MD5', 'STRING', 'The MD5 digest of the UTF-8 bytes of a text, in hexadecimal.', [
  unary(param('s', STRING), STRING, (text: string) => createHash('md5').update(text, 'utf8').digest('hex')),
]);
