import { valuesEqual } from '../../../types/compare.js';
import { BOOLEAN } from '../../../types/sql-type.js';
import type { SqlArray, SqlValue } from '../../../types/sql-value.js';
import { arrayOf, binary, generic, param, scalarFunction } from '../../signature.js';

export const arrayContains = scalarFunction(
  'ARRAY_CONTAINS',
  'ARRAY',
  'Whether an element equals the value; NULL is found among the elements too, and in a NULL array nothing is.',
  [
    binary(
      [param('array', arrayOf(generic('T'))), param('val', generic('T'))],
      BOOLEAN,
      (array: SqlArray | null, value: SqlValue) => array !== null && array.some((item) => valuesEqual(item, value)),
      { nullOnNull: false },
    ),
  ],
);
