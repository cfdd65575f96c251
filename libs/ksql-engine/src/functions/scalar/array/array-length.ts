import { INTEGER } from '../../../types/sql-type.js';
import type { SqlArray } from '../../../types/sql-value.js';
import { arrayOf, generic, param, scalarFunction, unary } from '../../signature.js';

export const arrayLength = scalarFunction('ARRAY_LENGTH', 'ARRAY', 'The number of elements.', [
  unary(param('array', arrayOf(generic('T'))), INTEGER, (array: SqlArray) => array.length),
]);
