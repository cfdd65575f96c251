import { md5 as md5Of } from '@noble/hashes/legacy.js';
import { STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const md5 = scalarFunction('MD5', 'STRING', 'The MD5 digest of the UTF-8 bytes of a text, in hexadecimal.', [
  unary(param('s', STRING), STRING, (text: string) => Buffer.from(md5Of(Buffer.from(text, 'utf8'))).toString('hex')),
]);
