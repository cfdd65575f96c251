import { epochMs, eventId, weatherAlertV1, type City, type WeatherAlert } from '@isobar/contracts';
import type { Logger } from 'pino';
import { alertsSchema, readAnswer, type AlertProperties } from '../nws/answers.js';
import type { NwsClient } from '../nws/nws-client.js';
import { NwsError } from '../nws/nws-error.js';
import type { Places } from '../nws/places.js';
import type { PollingOptions } from '../polling/polled-topic.js';
import type { PublishedState } from '../publishing/published-state.js';
import { replacedIds, toAlertEvent, warningOf, zonesOf, type CityAlert } from './to-alert-event.js';

/** One request serves all cities, so it may come often. */
const minFreshMs = 180_000;

/** The warnings that hold, by key. */
type HoldingAlerts = Pick<PublishedState<WeatherAlert>, 'get' | 'all' | 'set' | 'delete'>;

export type PollAlertsOptions = PollingOptions<HoldingAlerts, 'published' | 'unchanged' | 'ended' | 'failed'>;

/**
 * Asks for the warnings of all cities at once and publishes what changed: new ones, updates in the place of what they update, and
 * the end of those that were cancelled, ran out or are no longer there. While the service gives no answer nothing is known, and
 * nothing ends.
 */
export class PollAlerts {
  constructor(
    private readonly client: NwsClient,
    private readonly places: Places,
    private readonly options: PollAlertsOptions,
    private readonly log: Logger,
  ) {}

  async poll(cities: readonly City[]): Promise<void> {
    try {
      const zones = await this.zonesOf(cities);
      const list = [...new Set([...zones.values()].flat())].sort();
      if (list.length === 0) return;
      const { body } = await this.client.get(`/alerts/active?status=actual&zone=${list.join(',')}`, { minFreshMs });
      const { features } = readAnswer(alertsSchema, body, 'list of warnings');
      await this.publishChanges(
        this.newest(
          cities,
          zones,
          features.map(({ properties }) => properties),
        ),
      );
    } catch (error) {
      if (!(error instanceof NwsError)) throw error;
      this.options.onOutcome('failed');
      this.log.debug({ trouble: error.kind }, error.message);
    }
  }

  private async zonesOf(cities: readonly City[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const zones = await Promise.all(
      cities.map(async (city) => [city.id, (await this.places.placeOf(city)).zones] as const),
    );
    return new Map(zones);
  }

  /** The newest message of each warning of each city. */
  private newest(
    cities: readonly City[],
    zones: ReadonlyMap<string, readonly string[]>,
    messages: readonly AlertProperties[],
  ): ReadonlyMap<string, CityAlert> {
    const newest = new Map<string, CityAlert>();
    for (const message of messages) {
      const affected = new Set(zonesOf(message));
      for (const city of cities) {
        if (!zones.get(city.id)?.some((zone) => affected.has(zone))) continue;
        const alert = toAlertEvent(city, message, this.options.now(), this.rootOf(city, message));
        if (alert === undefined) continue;
        const other = newest.get(alert.key);
        if (other === undefined || other.value.issued_at < alert.value.issued_at) newest.set(alert.key, alert);
      }
    }
    return newest;
  }

  /** A message without a warning's number goes on under the key of the message it replaces. */
  private rootOf(city: City, message: AlertProperties): string {
    if (warningOf(message) !== undefined) return message.id;
    const replaced = new Set([message.id, ...replacedIds(message)]);
    const prefix = `${city.id}/`;
    const known = this.options.published
      .all()
      .find(([key, { alert_id }]) => key.startsWith(prefix) && replaced.has(alert_id));
    return known?.[0].slice(prefix.length) ?? message.id;
  }

  private async publishChanges(newest: ReadonlyMap<string, CityAlert>): Promise<void> {
    for (const { key, value } of newest.values()) {
      const before = this.options.published.get(key);
      const isNews = before === undefined ? value.status === 'active' : isNewer(value, before);
      if (isNews)
        await this.publish(key, value, before === undefined || value.status === 'active' ? 'published' : 'ended');
      else this.options.onOutcome('unchanged');
    }
    for (const [key, before] of this.options.published.all()) {
      if (newest.has(key)) continue;
      await this.publish(key, ended(before, this.options.now()), 'ended');
    }
  }

  private async publish(key: string, value: WeatherAlert, outcome: 'published' | 'ended'): Promise<void> {
    await this.options.publish(
      weatherAlertV1.toRecord(key, value, { 'event-id': value.event_id, source: value.source }),
    );
    if (value.status === 'active') this.options.published.set(key, value);
    else this.options.published.delete(key);
    this.options.onOutcome(outcome);
  }
}

/** Not the same message, and not an older one: an old copy does not bring a warning back to what it was. */
const isNewer = (value: WeatherAlert, before: WeatherAlert): boolean =>
  value.event_id !== before.event_id && value.issued_at >= before.issued_at;

/** The service lists what holds; what it lists no longer is over, by its own time or by a cancellation. */
function ended(alert: WeatherAlert, nowMs: number): WeatherAlert {
  const status = alert.ends_at !== null && alert.ends_at <= nowMs ? 'expired' : 'cancelled';
  return {
    ...alert,
    status,
    event_id: eventId('weather-alert', alert.city_key, alert.alert_id, alert.issued_at, status),
    fetched_at: epochMs(nowMs),
  };
}
