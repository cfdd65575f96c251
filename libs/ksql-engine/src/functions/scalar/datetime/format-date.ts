import { DATE, STRING } from '../../../types/sql-type.js';
import { dateTimeFormatter } from '../../java-time/format.js';
import { memoizeLast } from '../../memoize-last.js';
import { param, scalarFunction } from '../../signature.js';

export const formatDate = scalarFunction(
  'FORMAT_DATE',
  'DATE / TIME',
  'A date as text, by a pattern such as yyyy-MM-dd.',
  [
    {
      parameters: [param('date', DATE), param('formatPattern', STRING)],
      returns: STRING,
      bind: (_, context) => {
        const formatterOf = memoizeLast(context, dateTimeFormatter);
        return ([days, pattern]) => formatterOf(pattern as string)({ days: days as number });
      },
    },
  ],
);
