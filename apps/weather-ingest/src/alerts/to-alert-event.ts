import { epochMs, eventId, type City, type EpochMs, type WeatherAlert } from '@isobar/contracts';
import type { AlertProperties } from '../nws/answers.js';
import { vtecOf, type Vtec } from './vtec.js';

/** A warning for a city: its event, and the key under which every later message about it replaces this one. */
export interface CityAlert {
  readonly key: string;
  readonly value: WeatherAlert;
  /** When the text must be renewed, in epoch milliseconds; not the end of what it warns of. */
  readonly expiresAtMs: number | null;
  /** The ids of this message and of those that it replaces. */
  readonly messageIds: readonly string[];
}

/** A warning may be renewed a little late. */
export const renewalMs = 5 * 60_000;
/** What an office writes has some thousand characters; a record has its limit, too. */
const textMax = 32_768;
/** Stamps before it are fill values. */
const earliestMs = Date.UTC(2000, 0, 1);

/**
 * The events of a message, one for each warning that it speaks of: a message has a line of code for each, and mostly one line. Without
 * a code it is one warning, followed by its references.
 *
 * @param root the id under which a warning without a code is known
 * @param isElsewhere the storm is drawn elsewhere: it is over here
 * @returns none for a test, an exercise or a routine statement
 */
export function toAlertEvents(
  city: City,
  properties: AlertProperties,
  fetchedAtMs: number,
  { root = properties.id, isElsewhere = false }: { readonly root?: string; readonly isElsewhere?: boolean } = {},
): readonly CityAlert[] {
  if ((properties.status ?? 'Actual') !== 'Actual') return [];
  const lines = vtecOf(properties);
  const warnings: readonly (Vtec | undefined)[] = lines.length === 0 ? [undefined] : lines.filter(isForPeople);
  return warnings.map((line) => {
    const endsAt = endOf(properties, line);
    const isOver = endsAt !== null && endsAt + renewalMs < fetchedAtMs;
    const isCancelled = isElsewhere || properties.messageType === 'Cancel';
    const status = endings[line?.action ?? ''] ?? (isCancelled ? 'cancelled' : isOver ? 'expired' : 'active');
    return toAlertEvent(city, properties, fetchedAtMs, { key: `${city.id}/${line?.event ?? root}`, status, endsAt });
  });
}

const isForPeople = ({ isOperational, action }: Vtec): boolean => isOperational && action !== 'ROU';

function toAlertEvent(
  city: City,
  properties: AlertProperties,
  fetchedAtMs: number,
  { key, status, endsAt }: { readonly key: string; readonly status: string; readonly endsAt: EpochMs | null },
): CityAlert {
  const sentAtMs = Date.parse(properties.sent);
  return {
    key,
    expiresAtMs: timeOf(properties.expires),
    messageIds: [properties.id, ...replacedIds(properties)],
    value: {
      event_id: eventId('weather-alert', key, properties.id, sentAtMs, status),
      city_key: city.id,
      city: city.name,
      state: city.state,
      alert_id: properties.id,
      status,
      event: properties.event,
      severity: properties.severity ?? 'Unknown',
      certainty: properties.certainty ?? 'Unknown',
      urgency: properties.urgency ?? 'Unknown',
      headline: textOf(properties.headline),
      description: textOf(properties.description),
      instruction: textOf(properties.instruction),
      area: textOf(properties.areaDesc),
      sender: textOf(properties.senderName),
      starts_at: timeOf(properties.onset) ?? timeOf(properties.effective),
      ends_at: endsAt,
      source: 'nws',
      issued_at: epochMs(sentAtMs),
      fetched_at: epochMs(fetchedAtMs),
    },
  };
}

/** What ends a warning at once; every other action goes on with it. */
const endings: Readonly<Record<string, 'cancelled' | 'expired' | 'upgraded'>> = {
  CAN: 'cancelled',
  EXP: 'expired',
  UPG: 'upgraded',
};

/**
 * The end of what is warned of; null: until further notice. `expires` is the end of the text alone where the code says that there is
 * no end yet, and all there is without a code.
 */
function endOf(properties: AlertProperties, line: Vtec | undefined): EpochMs | null {
  const ends = timeOf(properties.ends);
  if (ends !== null) return ends;
  if (line?.endsAtMs !== undefined) return line.endsAtMs === null ? null : epochMs(line.endsAtMs);
  return timeOf(properties.expires);
}

/** The zones that a message is for, such as `NYZ072`. */
export function zonesOf({ geocode, affectedZones }: AlertProperties): readonly string[] {
  const fromUrls = (affectedZones ?? []).map((url) => url.split('/').at(-1) ?? '');
  return [...new Set([...(geocode?.UGC ?? []), ...fromUrls])].filter((zone) => zone !== '');
}

/** The ids of the messages that this one replaces, the oldest first where they say when they were sent. */
export function replacedIds({ references, parameters }: AlertProperties): readonly string[] {
  const listed = [...(references ?? [])]
    .sort((a, b) => Date.parse(a.sent ?? '') - Date.parse(b.sent ?? '') || 0)
    .flatMap(({ identifier, '@id': url }) => {
      const id = identifier ?? url?.split('/').at(-1);
      return id === undefined ? [] : [id];
    });
  return [...new Set([...listed, ...expiredIds(parameters?.['expiredReferences'])])];
}

/** `sender,id,time`, several separated by spaces: messages that are no longer listed but belong to the chain. */
const expiredIds = (references: unknown): readonly string[] =>
  (Array.isArray(references) ? references : []).flatMap((text: unknown) =>
    typeof text === 'string' ? text.split(/\s+/).flatMap((triple) => triple.split(',')[1] ?? []) : [],
  );

const textOf = (text: string | null | undefined): string | null => text?.slice(0, textMax).trim() || null;

function timeOf(text: string | null | undefined): EpochMs | null {
  const ms = Date.parse(text ?? '');
  return Number.isFinite(ms) && ms >= earliestMs ? epochMs(ms) : null;
}
