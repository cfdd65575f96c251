import { BIGINT, DOUBLE, INTEGER } from '../../../types/sql-type.js';
import { binary, param, scalarFunction, unary } from '../../signature.js';

function logarithm(base: number, value: number): number {
  return base <= 0 || base === 1 ? NaN : Math.log(value) / Math.log(base);
}

const NUMBERS = [INTEGER, BIGINT, DOUBLE];

export const log = scalarFunction(
  'LOG',
  'MATHEMATICAL',
  'The logarithm to a base, or the natural one; NaN for a base that is 1 or not positive.',
  [
    ...NUMBERS.map((type) =>
      binary([param('base', type), param('value', type)], DOUBLE, (base: number | bigint, value: number | bigint) =>
        logarithm(Number(base), Number(value)),
      ),
    ),
    ...NUMBERS.map((type) => unary(param('value', type), DOUBLE, (value: number | bigint) => Math.log(Number(value)))),
  ],
);
