import { BIGINT, TIMESTAMP } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const fromUnixtime = scalarFunction(
  'FROM_UNIXTIME',
  'DATE / TIME',
  'The timestamp a number of milliseconds after 1970-01-01T00:00 UTC.',
  [unary(param('epochMilli', BIGINT), TIMESTAMP, (epochMs: number | bigint) => Number(epochMs))],
);
