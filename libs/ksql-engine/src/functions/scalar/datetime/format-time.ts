import { STRING, TIME } from '../../../types/sql-type.js';
import { dateTimeFormatter } from '../../java-time/format.js';
import { memoizeLast } from '../../memoize-last.js';
import { param, scalarFunction } from '../../signature.js';

export const formatTime = scalarFunction(
  'FORMAT_TIME',
  'DATE / TIME',
  'A time of day as text, by a pattern such as HH:mm.',
  [
    {
      parameters: [param('time', TIME), param('formatPattern', STRING)],
      returns: STRING,
      bind: (_, context) => {
        const formatterOf = memoizeLast(context, dateTimeFormatter);
        return ([msOfDay, pattern]) => formatterOf(pattern as string)({ msOfDay: msOfDay as number });
      },
    },
  ],
);
