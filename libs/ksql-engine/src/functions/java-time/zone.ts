/** The rules of a time zone: how far its wall clock is ahead of UTC. */
export interface Zone {
  readonly id: string;
  /** At an instant, in ms. */
  offsetMsAt(epochMs: number): number;
}

const OFFSET = /^([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/;
const OFFSET_HOURS_MAX = 18;

const fixedZone = (id: string, offsetMs: number): Zone => ({ id, offsetMsAt: () => offsetMs });

export const UTC = fixedZone('UTC', 0);
export const GMT = fixedZone('GMT', 0);

/** `+2`, `+02`, `+02:00`, `+0200`, `+02:00:00`, `Z`. Undefined for other text. @throws Error beyond 18 hours */
export function parseOffsetMs(text: string): number | undefined {
  if (text === 'Z') return 0;
  const match = OFFSET.exec(text);
  if (!match) return undefined;
  const [hours, minutes, seconds] = [match[2], match[3], match[4]].map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
  ];
  const total = (hours * 60 + minutes) * 60 + seconds;
  if (minutes > 59 || seconds > 59 || total > OFFSET_HOURS_MAX * 3600) {
    throw new Error(`the zone offset '${text}' is out of range: it goes from -18:00 to +18:00`);
  }
  return (match[1] === '-' ? -total : total) * 1000;
}

const zones = new Map<string, Zone>();
/** Ids come from data too: the cache must not grow without end. */
const ZONES_MAX = 2000;

/**
 * A zone by its Java id: `Z`, `UTC`, `GMT`, `UT`, an offset alone or behind one of them (`UTC+01:00`), or a region such as
 * `Europe/Berlin`. Ids are case-sensitive, and three-letter ids that stand for several places (`PST`) are unknown.
 * @throws Error for other ids
 */
export function zoneOf(id: string): Zone {
  let zone = zones.get(id);
  if (zone === undefined) {
    zone = makeZone(id);
    if (zones.size >= ZONES_MAX) zones.clear();
    zones.set(id, zone);
  }
  return zone;
}

function makeZone(id: string): Zone {
  if (id === 'UTC') return UTC;
  if (id === 'GMT') return GMT;
  const prefix = /^(?:UTC|GMT|UT)(?=[+-]|$)/.exec(id)?.[0] ?? '';
  const offsetText = id.slice(prefix.length);
  if (prefix !== '' && offsetText === '') return fixedZone(id, 0);
  const offsetMs = parseOffsetMs(offsetText);
  if (offsetMs !== undefined && !(prefix !== '' && offsetText === 'Z')) return fixedZone(id, offsetMs);
  return new RegionZone(id);
}

/** What ICU knows by itself, but Java does not. */
const UNKNOWN_TO_JAVA =
  /^(?:ACT|AET|AGT|ART|AST|BET|BST|CAT|CNT|CST|CTT|EAT|ECT|EST|HST|IET|IST|JST|MIT|MST|NET|NST|PLT|PNT|PRT|PST|SST|VST)$/;
const REGION = /^[A-Z][A-Za-z0-9~._+-]*(?:\/[A-Za-z0-9~._+-]+)*$/;

function unknown(id: string): Error {
  return new Error(`unknown time zone '${id}': use an id such as UTC, +02:00 or Europe/Berlin, in its exact case`);
}

interface Transition {
  readonly fromMs: number;
  readonly offsetMs: number;
}

/** The range of Date. */
const INSTANT_MAX_MS = 8.64e15;
const PROBE_MS = 16 * 86_400_000;
const YEAR_MS = 366 * 86_400_000;

/**
 * A region of the tz database. Intl tells the offset of an instant, slowly; so the changes of offset in a stretch of 366 days
 * are searched once, by probing every 16 days and halving, and kept.
 */
class RegionZone implements Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #stretches = new Map<number, readonly Transition[]>();

  constructor(readonly id: string) {
    if (UNKNOWN_TO_JAVA.test(id) || !REGION.test(id)) throw unknown(id);
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: id,
        hourCycle: 'h23',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      throw unknown(id);
    }
    const resolved = this.#format.resolvedOptions().timeZone;
    if (resolved !== id && resolved.toLowerCase() === id.toLowerCase()) throw unknown(id);
  }

  offsetMsAt(epochMs: number): number {
    const at = Math.max(-INSTANT_MAX_MS + YEAR_MS, Math.min(INSTANT_MAX_MS - YEAR_MS, epochMs));
    const transitions = this.#stretch(Math.floor(at / YEAR_MS));
    let offsetMs = 0;
    for (const transition of transitions) {
      if (transition.fromMs > at) break;
      offsetMs = transition.offsetMs;
    }
    return offsetMs;
  }

  #stretch(index: number): readonly Transition[] {
    let transitions = this.#stretches.get(index);
    if (transitions === undefined) {
      transitions = this.#search(index * YEAR_MS);
      if (this.#stretches.size >= ZONES_MAX) this.#stretches.clear();
      this.#stretches.set(index, transitions);
    }
    return transitions;
  }

  #search(startMs: number): readonly Transition[] {
    const transitions: Transition[] = [{ fromMs: startMs, offsetMs: this.#askIntl(startMs) }];
    for (let probe = startMs; probe < startMs + YEAR_MS; probe += PROBE_MS) {
      const end = Math.min(probe + PROBE_MS, startMs + YEAR_MS);
      const before = (transitions.at(-1) as Transition).offsetMs;
      const after = this.#askIntl(end);
      if (after === before) continue;
      let [low, high] = [Math.floor(probe / 1000), Math.floor(end / 1000)];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (this.#askIntl(middle * 1000) === before) low = middle;
        else high = middle;
      }
      transitions.push({ fromMs: high * 1000, offsetMs: after });
    }
    return transitions;
  }

  #askIntl(epochMs: number): number {
    const parts: Record<string, number> = {};
    let isBeforeChrist = false;
    for (const part of this.#format.formatToParts(epochMs)) {
      if (part.type === 'era') isBeforeChrist = part.value.startsWith('B');
      else if (part.type !== 'literal') parts[part.type] = Number(part.value);
    }
    const year = isBeforeChrist ? 1 - (parts['year'] ?? 0) : (parts['year'] ?? 0);
    const wall = new Date(0);
    wall.setUTCFullYear(year, (parts['month'] ?? 1) - 1, parts['day'] ?? 1);
    wall.setUTCHours(parts['hour'] ?? 0, parts['minute'] ?? 0, parts['second'] ?? 0);
    return wall.getTime() - Math.floor(epochMs / 1000) * 1000;
  }
}

/**
 * The instant at which the wall clock of a zone shows `wallMs` (ms as if it were UTC). A time in a gap moves forward by the
 * length of the gap; of a time that comes twice the later instant is taken.
 */
export function instantOf(wallMs: number, zone: Zone): number {
  const earlier = zone.offsetMsAt(wallMs - 86_400_000);
  const later = zone.offsetMsAt(wallMs + 86_400_000);
  const instantByLater = wallMs - later;
  if (zone.offsetMsAt(instantByLater) === later) return instantByLater;
  return wallMs - earlier;
}
