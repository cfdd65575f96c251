import type { SqlArray } from '../../types/sql-value.js';
import type { TableFunction } from '../function.js';
import { arrayOf, generic, param, sameAsFirst } from '../signature.js';

/** 2^16 rows from one are the most that is reasonable. */
const COLUMNS_MAX = 16;

/** Counts through the subsets in binary, the last element first; an element that is NULL has no second state. */
function cube(columns: SqlArray): SqlArray[] {
  const places = columns.flatMap((column, i) => (column === null ? [] : [i]));
  if (places.length > COLUMNS_MAX) {
    throw new Error(`CUBE_EXPLODE of ${places.length} elements gives too many rows: use at most ${COLUMNS_MAX}`);
  }
  const rows: SqlArray[] = [];
  for (let subset = 0; subset < 1 << places.length; subset++) {
    rows.push(
      columns.map((column, i) => {
        const place = places.indexOf(i);
        return place >= 0 && (subset >> (places.length - 1 - place)) & 1 ? column : null;
      }),
    );
  }
  return rows;
}

export const cubeExplode: TableFunction = {
  kind: 'table',
  name: 'CUBE_EXPLODE',
  description: 'One row for each way to replace elements of the array by NULL.',
  overloads: [
    {
      parameters: [param('columns', arrayOf(generic('T')))],
      returns: sameAsFirst,
      returnsText: 'ARRAY<T>',
      bind: () => (args) => (args[0] === null ? [] : cube(args[0] as SqlArray)),
    },
  ],
};
