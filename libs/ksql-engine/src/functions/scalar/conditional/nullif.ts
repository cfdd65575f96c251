import { valuesEqual } from '../../../types/compare.js';
import type { SqlValue } from '../../../types/sql-value.js';
import { binary, firstKnown, generic, param, scalarFunction } from '../../signature.js';

export const nullif = scalarFunction('NULLIF', 'CONDITIONAL', 'NULL where both arguments are equal, else the first.', [
  binary(
    [param('expr1', generic('T')), param('expr2', generic('T'))],
    firstKnown,
    (a: SqlValue, b: SqlValue) => (valuesEqual(a, b) ? null : a),
    { nullOnNull: false, returnsText: 'T' },
  ),
]);
