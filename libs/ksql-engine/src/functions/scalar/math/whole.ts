import { rescale } from '../../../types/decimal-math.js';
import type { Decimal } from '../../../types/decimal.js';
import { BIGINT, DOUBLE, INTEGER } from '../../../types/sql-type.js';
import type { ScalarFunction } from '../../function.js';
import { DECIMAL_ANY, param, sameAsFirst, scalarFunction, unary } from '../../signature.js';

/** CEIL and FLOOR: the result keeps the type of the argument. */
export function wholeNumberFunction(
  name: string,
  description: string,
  ofDouble: (value: number) => number,
  mode: 'CEILING' | 'FLOOR',
): ScalarFunction {
  return scalarFunction(name, 'MATHEMATICAL', description, [
    unary(
      param('val', DECIMAL_ANY),
      sameAsFirst,
      (value: Decimal) => rescale(rescale(value, 0, mode), value.scale, 'UNNECESSARY'),
      { returnsText: 'DECIMAL' },
    ),
    unary(param('val', DOUBLE), DOUBLE, ofDouble),
    unary(param('val', INTEGER), INTEGER, (value: number) => value),
    unary(param('val', BIGINT), BIGINT, (value: number | bigint) => value),
  ]);
}
