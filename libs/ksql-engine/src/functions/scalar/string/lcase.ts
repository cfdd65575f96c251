import { STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const lcase = scalarFunction('LCASE', 'STRING', 'The text in lower case.', [
  unary(param('input', STRING), STRING, (input: string) => input.toLowerCase()),
]);
