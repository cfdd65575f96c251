import type { SqlArray } from '../../../types/sql-value.js';
import { arrayOf, binary, generic, param, sameAsFirst, scalarFunction } from '../../signature.js';
import { distinct, ValueSet } from './distinct.js';

export const arrayExcept = scalarFunction(
  'ARRAY_EXCEPT',
  'ARRAY',
  'The distinct elements of the first array that are not in the second.',
  [
    binary(
      [param('left', arrayOf(generic('T'))), param('right', arrayOf(generic('T')))],
      sameAsFirst,
      (left: SqlArray, right: SqlArray) => {
        const excluded = new ValueSet(right);
        return distinct(left, (value) => !excluded.has(value));
      },
      { returnsText: 'ARRAY<T>' },
    ),
  ],
);
