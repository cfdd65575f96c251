import { INTEGER, STRING } from '../../../types/sql-type.js';
import { dateTimeParser } from '../../java-time/parse.js';
import { resolveDate } from '../../java-time/resolve.js';
import { memoizeLast } from '../../memoize-last.js';
import { param, scalarFunction } from '../../signature.js';

export const stringToDate = scalarFunction(
  'STRINGTODATE',
  'DATE / TIME',
  'Days since 1970 from text, by a pattern. Older form of PARSE_DATE.',
  [
    {
      parameters: [param('formattedDate', STRING), param('formatPattern', STRING)],
      returns: INTEGER,
      bind: (_, context) => {
        const parserOf = memoizeLast(context, dateTimeParser);
        return ([text, pattern]) => {
          const days = resolveDate(parserOf(pattern as string)(text as string));
          if (days === undefined) throw new Error(`'${text as string}' does not make a whole date`);
          return days;
        };
      },
    },
  ],
);
