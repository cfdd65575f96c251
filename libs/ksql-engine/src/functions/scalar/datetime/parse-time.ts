import { STRING, TIME } from '../../../types/sql-type.js';
import { dateTimeParser } from '../../java-time/parse.js';
import { dateFieldOf } from '../../java-time/moment.js';
import { resolveTime } from '../../java-time/resolve.js';
import { memoizeLast } from '../../memoize-last.js';
import { param, scalarFunction } from '../../signature.js';

export const parseTime = scalarFunction(
  'PARSE_TIME',
  'DATE / TIME',
  'A time of day from text, by a pattern without a date.',
  [
    {
      parameters: [param('formattedTime', STRING), param('formatPattern', STRING)],
      returns: TIME,
      bind: (_, context) => {
        const parserOf = memoizeLast(context, dateTimeParser);
        return ([text, pattern]) => {
          const fields = parserOf(pattern as string)(text as string);
          for (const [field] of fields.fields()) {
            if (dateFieldOf(0, field) !== undefined) {
              throw new Error('PARSE_TIME got a date: use PARSE_TIMESTAMP');
            }
          }
          const time = resolveTime(fields);
          if (time === undefined) throw new Error(`'${text as string}' has no hour`);
          return time.msOfDay;
        };
      },
    },
  ],
);
