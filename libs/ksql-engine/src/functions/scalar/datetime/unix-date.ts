import { MS_PER_DAY } from '../../../types/civil-date.js';
import { DATE, INTEGER } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const unixDate = scalarFunction('UNIX_DATE', 'DATE / TIME', 'Days since 1970-01-01, of a date or of today.', [
  {
    parameters: [],
    returns: INTEGER,
    bind: (_types, context) => () => Math.floor(context.nowMs() / MS_PER_DAY),
  },
  unary(param('date', DATE), INTEGER, (days: number) => days),
]);
