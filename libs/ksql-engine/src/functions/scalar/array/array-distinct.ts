import type { SqlArray } from '../../../types/sql-value.js';
import { arrayOf, generic, param, sameAsFirst, scalarFunction, unary } from '../../signature.js';
import { distinct } from './distinct.js';

export const arrayDistinct = scalarFunction('ARRAY_DISTINCT', 'ARRAY', 'The first of equal elements each, in order.', [
  unary(param('input', arrayOf(generic('T'))), sameAsFirst, (array: SqlArray) => distinct(array), {
    returnsText: 'ARRAY<T>',
  }),
]);
