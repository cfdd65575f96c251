import type { SqlValue } from '../../../types/sql-value.js';
import { generic, param, sameAsFirst, scalarFunction, unary } from '../../signature.js';

export const asValue = scalarFunction('AS_VALUE', 'OTHER', 'A copy of a key column for the value of the result.', [
  unary(param('keyColumn', generic('T')), sameAsFirst, (value: SqlValue) => value, { returnsText: 'T' }),
]);
