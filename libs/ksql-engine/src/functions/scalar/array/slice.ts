import { INTEGER } from '../../../types/sql-type.js';
import type { SqlArray } from '../../../types/sql-value.js';
import { arrayOf, generic, param, sameAsFirst, scalarFunction, ternary } from '../../signature.js';

export const slice = scalarFunction(
  'SLICE',
  'ARRAY',
  'The elements from one 1-based position to another, both included; NULL bounds are the ends of the array.',
  [
    ternary(
      [param('in', arrayOf(generic('T'))), param('from', INTEGER), param('to', INTEGER)],
      sameAsFirst,
      (array: SqlArray | null, from: number | null, to: number | null) => {
        if (array === null) return null;
        const first = from ?? 1;
        const last = to ?? array.length;
        if (first < 1 || last > array.length) return null;
        if (first > last + 1) return first - 1 > array.length ? null : [];
        return array.slice(first - 1, last);
      },
      { nullOnNull: false, returnsText: 'ARRAY<T>' },
    ),
  ],
);
