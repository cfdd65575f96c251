import { STRING, TIMESTAMP } from '../../../types/sql-type.js';
import { zoneOf } from '../../java-time/zone.js';
import { param, scalarFunction, ternary } from '../../signature.js';

/** Both offsets are those at the instant that the wall clock would be in UTC. */
export const convertTz = scalarFunction(
  'CONVERT_TZ',
  'DATE / TIME',
  'A timestamp whose wall clock is that of one time zone, with the wall clock of another.',
  [
    ternary(
      [param('timestamp', TIMESTAMP), param('fromTimeZone', STRING), param('toTimeZone', STRING)],
      TIMESTAMP,
      (epochMs: number, from: string, to: string) =>
        epochMs - zoneOf(from).offsetMsAt(epochMs) + zoneOf(to).offsetMsAt(epochMs),
    ),
  ],
);
