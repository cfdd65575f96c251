import type { SqlArray } from '../../../types/sql-value.js';
import { arrayOf, binary, generic, param, sameAsFirst, scalarFunction } from '../../signature.js';
import { distinct, ValueSet } from './distinct.js';

export const arrayIntersect = scalarFunction(
  'ARRAY_INTERSECT',
  'ARRAY',
  'The distinct elements of the first array that are in the second too.',
  [
    binary(
      [param('left', arrayOf(generic('T'))), param('right', arrayOf(generic('T')))],
      sameAsFirst,
      (left: SqlArray, right: SqlArray) => {
        const wanted = new ValueSet(right);
        return distinct(left, (value) => wanted.has(value));
      },
      { returnsText: 'ARRAY<T>' },
    ),
  ],
);
