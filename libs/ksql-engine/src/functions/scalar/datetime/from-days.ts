import { DATE, INTEGER } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const fromDays = scalarFunction('FROM_DAYS', 'DATE / TIME', 'The date a number of days after 1970-01-01.', [
  unary(param('days', INTEGER), DATE, (days: number) => days),
]);
