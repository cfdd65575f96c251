import { MS_PER_DAY } from '../../../types/civil-date.js';
import { DATE, STRING } from '../../../types/sql-type.js';
import { simpleDateParser } from '../../java-time/simple-date-parser.js';
import { memoizeLast } from '../../memoize-last.js';
import { param, scalarFunction } from '../../signature.js';

export const parseDate = scalarFunction(
  'PARSE_DATE',
  'DATE / TIME',
  'A date from text, by a pattern without time of day; days beyond the end of a month count on.',
  [
    {
      parameters: [param('formattedDate', STRING), param('formatPattern', STRING)],
      returns: DATE,
      bind: (_, context) => {
        const parserOf = memoizeLast(context, simpleDateParser);
        return ([text, pattern]) => {
          const days = parserOf(pattern as string)(text as string) / MS_PER_DAY;
          if (!Number.isInteger(days)) throw new Error('PARSE_DATE got a time of day: use PARSE_TIMESTAMP');
          return days;
        };
      },
    },
  ],
);
