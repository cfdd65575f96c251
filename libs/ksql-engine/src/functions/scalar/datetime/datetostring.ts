import { INTEGER, STRING } from '../../../types/sql-type.js';
import { dateTimeFormatter } from '../../java-time/format.js';
import { memoizeLast } from '../../memoize-last.js';
import { param, scalarFunction } from '../../signature.js';

export const dateToString = scalarFunction(
  'DATETOSTRING',
  'DATE / TIME',
  'Days since 1970 as text, by a pattern. Older form of FORMAT_DATE.',
  [
    {
      parameters: [param('epochDays', INTEGER), param('formatPattern', STRING)],
      returns: STRING,
      bind: (_, context) => {
        const formatterOf = memoizeLast(context, dateTimeFormatter);
        return ([days, pattern]) => formatterOf(pattern as string)({ days: days as number });
      },
    },
  ],
);
