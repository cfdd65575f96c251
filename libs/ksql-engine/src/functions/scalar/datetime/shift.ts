import { MS_PER_DAY } from '../../../types/civil-date.js';
import { DATE, INTEGER, TIME, TIMESTAMP } from '../../../types/sql-type.js';
import type { ScalarFunction } from '../../function.js';
import { param, scalarFunction, ternary, UNIT } from '../../signature.js';
import { unitMs } from './unit-ms.js';

type Sign = 1 | -1;

/** DATEADD, DATESUB: of the shifted instant the whole days since 1970-01-01 are kept. */
export function dateShift(name: string, description: string, sign: Sign): ScalarFunction {
  return scalarFunction(name, 'DATE / TIME', description, [
    ternary(
      [param('unit', UNIT), param('interval', INTEGER), param('date', DATE)],
      DATE,
      (unit: string, interval: number, days: number) =>
        Math.trunc((days * MS_PER_DAY + sign * interval * unitMs(unit)) / MS_PER_DAY) + 0,
    ),
  ]);
}

/** TIMEADD, TIMESUB: the clock goes round. */
export function timeShift(name: string, description: string, sign: Sign): ScalarFunction {
  return scalarFunction(name, 'DATE / TIME', description, [
    ternary(
      [param('unit', UNIT), param('interval', INTEGER), param('time', TIME)],
      TIME,
      (unit: string, interval: number, msOfDay: number) => {
        const change = (sign * ((interval * unitMs(unit)) % MS_PER_DAY) + MS_PER_DAY) % MS_PER_DAY;
        return (msOfDay + change) % MS_PER_DAY;
      },
    ),
  ]);
}

/** TIMESTAMPADD, TIMESTAMPSUB. */
export function timestampShift(name: string, description: string, sign: Sign): ScalarFunction {
  return scalarFunction(name, 'DATE / TIME', description, [
    ternary(
      [param('unit', UNIT), param('interval', INTEGER), param('timestamp', TIMESTAMP)],
      TIMESTAMP,
      (unit: string, interval: number, epochMs: number) => epochMs + sign * interval * unitMs(unit),
    ),
  ]);
}
