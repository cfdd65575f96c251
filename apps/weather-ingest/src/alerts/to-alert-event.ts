import { epochMs, eventId, type City, type EpochMs, type WeatherAlert } from '@isobar/contracts';
import type { AlertProperties } from '../nws/answers.js';

/** A warning for a city: its event, and the key under which every later message about it replaces this one. */
export interface CityAlert {
  readonly key: string;
  readonly value: WeatherAlert;
}

/**
 * The event of a message. It is over when `ends`, or else `expires`, has passed; without both it holds until it is cancelled.
 *
 * @returns undefined for a test or an exercise
 */
export function toAlertEvent(
  city: City,
  properties: AlertProperties,
  fetchedAtMs: number,
  rootId: string = properties.id,
): CityAlert | undefined {
  if ((properties.status ?? 'Actual') !== 'Actual') return undefined;
  const endsAt = timeOf(properties.ends) ?? timeOf(properties.expires);
  const isCancelled = properties.messageType === 'Cancel';
  const isOver = endsAt !== null && endsAt <= fetchedAtMs;
  const key = `${city.id}/${warningOf(properties) ?? rootId}`;
  const sentAtMs = Date.parse(properties.sent);
  const status = isCancelled ? 'cancelled' : isOver ? 'expired' : 'active';
  return {
    key,
    value: {
      event_id: eventId('weather-alert', city.id, properties.id, sentAtMs, status),
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

/**
 * The warning that a message speaks of: office, phenomenon, significance and number out of its VTEC code
 * (`/O.CON.PHFO.FA.A.0009.…/` is `PHFO.FA.A.0009`). Messages without one are followed by their references.
 */
export function warningOf({ parameters }: AlertProperties): string | undefined {
  const codes: unknown = parameters?.['VTEC'];
  const code: unknown = Array.isArray(codes) ? codes[0] : undefined;
  if (typeof code !== 'string') return undefined;
  const match = /^\/[OTEX]\.[A-Z]{3}\.([A-Z]{4}\.[A-Z]{2}\.[A-Z]\.\d{4})\./.exec(code);
  return match?.[1];
}

/** The zones that a message is for, such as `NYZ072`. */
export function zonesOf({ geocode, affectedZones }: AlertProperties): readonly string[] {
  const fromUrls = (affectedZones ?? []).map((url) => url.split('/').at(-1) ?? '');
  return [...new Set([...(geocode?.UGC ?? []), ...fromUrls])].filter((zone) => zone !== '');
}

/** The ids of the messages that this one replaces. */
export function replacedIds({ references }: AlertProperties): readonly string[] {
  return (references ?? []).flatMap(({ identifier, '@id': url }) => {
    const id = identifier ?? url?.split('/').at(-1);
    return id === undefined ? [] : [id];
  });
}

const textOf = (text: string | null | undefined): string | null => text?.trim() || null;

function timeOf(text: string | null | undefined): EpochMs | null {
  const ms = Date.parse(text ?? '');
  return Number.isFinite(ms) ? epochMs(ms) : null;
}
