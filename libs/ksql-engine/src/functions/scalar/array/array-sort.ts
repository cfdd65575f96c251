import type { SqlType } from '../../../types/sql-type.js';
import { STRING } from '../../../types/sql-type.js';
import type { SqlArray, SqlValue } from '../../../types/sql-value.js';
import { naturalOrder } from '../../order.js';
import { arrayOf, generic, param, sameAsFirst, scalarFunction } from '../../signature.js';
import { elementType } from './element.js';

const DIRECTIONS: Readonly<Record<string, 1 | -1>> = { ASC: 1, ASCENDING: 1, DESC: -1, DESCENDING: -1 };

/** Nulls come last in both directions. */
function sorter(types: readonly (SqlType | null)[]): (array: SqlArray, sign: 1 | -1) => SqlValue[] {
  const compare = naturalOrder(elementType(types));
  return (array, sign) =>
    [...array].sort((a, b) => (a === null ? (b === null ? 0 : 1) : b === null ? -1 : compare(a, b) * sign));
}

const input = param('input', arrayOf(generic('T')));

export const arraySort = scalarFunction(
  'ARRAY_SORT',
  'ARRAY',
  "The elements in natural order, or in that of the direction ('ASC' or 'DESC'); nulls last.",
  [
    {
      parameters: [input],
      returns: sameAsFirst,
      returnsText: 'ARRAY<T>',
      bind: (types) => {
        const sort = sorter(types);
        return (args) => sort(args[0] as SqlArray, 1);
      },
    },
    {
      parameters: [input, param('direction', STRING)],
      returns: sameAsFirst,
      returnsText: 'ARRAY<T>',
      bind: (types) => {
        const sort = sorter(types);
        return (args) => {
          const sign = DIRECTIONS[(args[1] as string).toUpperCase()];
          return sign === undefined ? null : sort(args[0] as SqlArray, sign);
        };
      },
    },
  ],
);
