import { negateDecimal } from '../../../types/decimal-math.js';
import type { Decimal } from '../../../types/decimal.js';
import { absInt64, type Int64 } from '../../../types/integer-math.js';
import { BIGINT, DOUBLE, INTEGER } from '../../../types/sql-type.js';
import { DECIMAL_ANY, param, sameAsFirst, scalarFunction, unary } from '../../signature.js';

export const abs = scalarFunction('ABS', 'MATHEMATICAL', 'The absolute value.', [
  unary(
    param('val', DECIMAL_ANY),
    sameAsFirst,
    (value: Decimal) => (value.unscaled < 0n ? negateDecimal(value) : value),
    { returnsText: 'DECIMAL' },
  ),
  unary(param('val', DOUBLE), DOUBLE, (value: number) => Math.abs(value)),
  // The least int32 has no positive counterpart and stays as it is.
  unary(param('val', INTEGER), INTEGER, (value: number) => Math.abs(value) | 0),
  unary(param('val', BIGINT), BIGINT, (value: Int64) => absInt64(value)),
]);
