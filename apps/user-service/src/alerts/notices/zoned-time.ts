/** A date of the calendar of a place, as `YYYY-MM-DD`. */
export type LocalDate = string;
/** A time of its clocks, as `HH:MM`. */
export type WallTime = string;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(zone, format);
  return format;
}

/** Is it a zone of the IANA time zone database, such as America/New_York? */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** What the clocks of the zone show, as if it were UTC, epoch milliseconds. */
function wallMsOf(atMs: number, zone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(atMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** How far the clocks of the zone are ahead of UTC, milliseconds. */
const aheadMs = (atMs: number, zone: string): number => wallMsOf(atMs, zone) - Math.floor(atMs / 1_000) * 1_000;

const dayMs = 24 * 3_600_000;

export const localDateOf = (atMs: number, zone: string): LocalDate =>
  new Date(wallMsOf(atMs, zone)).toISOString().slice(0, 10);

export const localTimeOf = (atMs: number, zone: string): WallTime =>
  new Date(wallMsOf(atMs, zone)).toISOString().slice(11, 16);

export const dateAfter = (date: LocalDate, days: number): LocalDate =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);

/**
 * The instant at which clocks of the zone show that time on that date, epoch milliseconds. A time that is skipped is as much later as
 * the clocks are put forward, and of a time that comes twice it is the first (as RFC 5545 has it).
 */
export function instantOf(date: LocalDate, time: WallTime, zone: string): number {
  const wallMs = Date.parse(`${date}T${time}:00Z`);
  const beforeMs = wallMs - aheadMs(wallMs - dayMs, zone);
  const afterMs = wallMs - aheadMs(wallMs + dayMs, zone);
  const shown = [beforeMs, afterMs].filter((atMs) => wallMsOf(atMs, zone) === wallMs);
  return shown.length === 0 ? beforeMs : Math.min(...shown);
}
