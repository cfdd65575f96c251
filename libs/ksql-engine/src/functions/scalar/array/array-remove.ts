import { valuesEqual } from '../../../types/compare.js';
import type { SqlArray, SqlValue } from '../../../types/sql-value.js';
import { arrayOf, binary, generic, param, sameAsFirst, scalarFunction } from '../../signature.js';

export const arrayRemove = scalarFunction(
  'ARRAY_REMOVE',
  'ARRAY',
  'The elements that do not equal the value; NULL removes the nulls.',
  [
    binary(
      [param('array', arrayOf(generic('T'))), param('victim', generic('T'))],
      sameAsFirst,
      (array: SqlArray | null, victim: SqlValue) => array && array.filter((item) => !valuesEqual(item, victim)),
      { nullOnNull: false, returnsText: 'ARRAY<T>' },
    ),
  ],
);
