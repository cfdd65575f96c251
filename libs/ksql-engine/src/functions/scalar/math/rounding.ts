import { must } from '../../../errors/assert.js';
import {
  decimalFromDouble,
  decimalToDouble,
  precisionOf,
  rescale,
  type RoundingMode,
} from '../../../types/decimal-math.js';
import { Decimal } from '../../../types/decimal.js';
import { doubleToInt64 } from '../../../types/integer-math.js';
import { BIGINT, decimalType, DOUBLE, INTEGER, type SqlType } from '../../../types/sql-type.js';
import type { ScalarFunction } from '../../function.js';
import { binary, DECIMAL_ANY, param, sameAsFirst, scalarFunction, unary } from '../../signature.js';

/** Rounds at `places` digits right of the point (negative: left of it) and keeps the scale of the value. */
function roundDecimal(value: Decimal, places: number, mode: RoundingMode): Decimal {
  if (places >= value.scale) return value;
  // Beyond the first digit nothing but zero is left, and the power of ten could be huge.
  if (-places > precisionOf(value) - value.scale) return new Decimal(0n, value.scale);
  return rescale(rescale(value, places, mode), value.scale, 'UNNECESSARY');
}

/** A DECIMAL without its fraction. */
function wholeType(types: readonly (SqlType | null)[]): SqlType {
  const type = must(types[0], 'type of the rounded number');
  if (type.kind !== 'DECIMAL') throw new Error(`not a DECIMAL: ${type.kind}`);
  if (type.precision === type.scale) {
    throw new Error(
      `a DECIMAL(${type.precision}, ${type.scale}) has no integer part: give the number of decimal places`,
    );
  }
  return decimalType(type.precision - type.scale, 0);
}

/** ROUND and TRUNC. Without decimal places a DOUBLE becomes a BIGINT; with them it is rounded by its decimal text. */
export function roundingFunction(
  name: string,
  description: string,
  ofDouble: (value: number) => number,
  mode: RoundingMode,
): ScalarFunction {
  const places = param('decimalPlaces', INTEGER);
  return scalarFunction(name, 'MATHEMATICAL', description, [
    unary(param('val', DECIMAL_ANY), wholeType, (value: Decimal) => rescale(value, 0, mode), {
      returnsText: 'DECIMAL',
    }),
    binary([param('val', DOUBLE), places], DOUBLE, (value: number, n: number) =>
      decimalToDouble(roundDecimal(decimalFromDouble(value), n, mode)),
    ),
    unary(param('val', DOUBLE), BIGINT, (value: number) => doubleToInt64(ofDouble(value))),
    binary(
      [param('val', DECIMAL_ANY), places],
      sameAsFirst,
      (value: Decimal, n: number) => roundDecimal(value, n, mode),
      { returnsText: 'DECIMAL' },
    ),
    unary(param('val', INTEGER), BIGINT, (value: number) => value),
    unary(param('val', BIGINT), BIGINT, (value: number | bigint) => value),
  ]);
}
