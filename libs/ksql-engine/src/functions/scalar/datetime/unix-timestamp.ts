import { BIGINT, TIMESTAMP } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const unixTimestamp = scalarFunction(
  'UNIX_TIMESTAMP',
  'DATE / TIME',
  'Milliseconds since 1970-01-01T00:00 UTC, of a timestamp or of now.',
  [
    { parameters: [], returns: BIGINT, bind: (_types, context) => () => context.nowMs() },
    unary(param('timestamp', TIMESTAMP), BIGINT, (epochMs: number) => epochMs),
  ],
);
