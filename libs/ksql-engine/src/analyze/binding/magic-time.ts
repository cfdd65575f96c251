import { KsqlError } from '../../errors/sql-error.js';
import { daysFromCivil, daysInMonth, MS_PER_DAY } from '../../types/civil-date.js';

const TEXT =
  /^(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?)?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?$/;

/**
 * Reads `yyyy-MM-dd['T'HH[:mm[:ss[.SSS]]]][zone]`: missing parts are the least ones, a missing zone is UTC. Milliseconds since
 * the epoch. @throws KsqlError when the text is none
 */
export function parseMagicTime(text: string): number {
  const match = TEXT.exec(text.trim());
  const [year, month, day] = [Number(match?.[1]), Number(match?.[2] ?? 1), Number(match?.[3] ?? 1)];
  const [hour, minute, second] = [Number(match?.[4] ?? 0), Number(match?.[5] ?? 0), Number(match?.[6] ?? 0)];
  const isInRange =
    match !== null &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month) &&
    (hour < 24 || (hour === 24 && minute === 0 && second === 0)) &&
    minute < 60 &&
    second < 60;
  if (!isInRange) {
    throw new KsqlError(
      `Failed to parse timestamp '${text}': use yyyy-MM-dd'T'HH:mm:ss.SSS with an optional zone such as +0100`,
    );
  }
  const ms = Number((match[7] ?? '').padEnd(3, '0'));
  return (
    daysFromCivil(year, month, day) * MS_PER_DAY +
    ((hour * 60 + minute) * 60 + second) * 1000 +
    ms -
    zoneOffsetMs(match[8])
  );
}

function zoneOffsetMs(zone: string | undefined): number {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
