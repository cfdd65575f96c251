import { param, scalarFunction, unary } from '../../src/functions/signature.js';
import { STRING } from '../../src/types/sql-type.js';
import { STRUCT_A } from './struct-a.js';

export const toStruct = scalarFunction('TOSTRUCT', 'OTHER', 'A struct of the text.', [
  unary(param('value', STRING), STRUCT_A, (value: string) => [value]),
]);
