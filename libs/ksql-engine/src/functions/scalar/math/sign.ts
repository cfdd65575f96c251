import { BIGINT, DOUBLE, INTEGER } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const sign = scalarFunction(
  'SIGN',
  'MATHEMATICAL',
  '-1, 0 or 1 by the sign of the number.',
  [DOUBLE, INTEGER, BIGINT].map((type) =>
    unary(param('value', type), INTEGER, (value: number | bigint) => (value > 0 ? 1 : value < 0 ? -1 : 0)),
  ),
);
