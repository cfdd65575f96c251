import { STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const ucase = scalarFunction('UCASE', 'STRING', 'The text in upper case.', [
  unary(param('input', STRING), STRING, (input: string) => input.toUpperCase()),
]);
