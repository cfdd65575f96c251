import type { SqlArray } from '../../../types/sql-value.js';
import { arrayOf, binary, firstKnown, generic, param, scalarFunction } from '../../signature.js';

export const arrayConcat = scalarFunction(
  'ARRAY_CONCAT',
  'ARRAY',
  'The elements of both arrays; of a NULL and an array, the array.',
  [
    binary(
      [param('left', arrayOf(generic('T'))), param('right', arrayOf(generic('T')))],
      firstKnown,
      (left: SqlArray | null, right: SqlArray | null) =>
        left === null ? right : right === null ? left : [...left, ...right],
      { nullOnNull: false, returnsText: 'ARRAY<T>' },
    ),
  ],
);
