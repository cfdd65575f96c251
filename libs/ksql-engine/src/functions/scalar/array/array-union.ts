import type { SqlArray } from '../../../types/sql-value.js';
import { arrayOf, binary, generic, param, sameAsFirst, scalarFunction } from '../../signature.js';
import { distinct } from './distinct.js';

export const arrayUnion = scalarFunction('ARRAY_UNION', 'ARRAY', 'The distinct elements of both arrays.', [
  binary(
    [param('left', arrayOf(generic('T'))), param('right', arrayOf(generic('T')))],
    sameAsFirst,
    (left: SqlArray, right: SqlArray) => distinct([...left, ...right]),
    { returnsText: 'ARRAY<T>' },
  ),
]);
