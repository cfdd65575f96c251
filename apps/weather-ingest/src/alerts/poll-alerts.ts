import { eventAheadMaxMsDefault, isTooFarAhead, weatherAlertV1, type City } from '@isobar/contracts';
import type { Logger } from 'pino';
import type { AlertMessage } from '../nws/answers.js';
import type { NwsClient } from '../nws/nws-client.js';
import { NwsError } from '../nws/nws-error.js';
import type { Places } from '../nws/places.js';
import { Refusals } from '../nws/refusals.js';
import type { PollingOptions } from '../polling/polled-topic.js';
import { waitAtMost } from '../polling/wait-at-most.js';
import type { PublishedState } from '../publishing/published-state.js';
import { replacedIds, toAlertEvents, zonesOf, type CityAlert } from './to-alert-event.js';
import { vtecOf } from './vtec.js';
import { AreaReader, covers, type DrawnArea } from './warning-area.js';
import {
  ended,
  endByAbsence,
  eventOf,
  isForgotten,
  isNews,
  remembered,
  speaks,
  type Absence,
  type HeldWarning,
} from './warning-life.js';
import { WarningList } from './warning-list.js';

/** A place that hangs is waited for no longer: its zones come with the next round. */
const placePatienceMs = 8_000;

/** The warnings that hold, and those that ended lately, by key. */
type HeldWarnings = Pick<PublishedState<HeldWarning>, 'get' | 'all' | 'set' | 'delete'>;

export type PollAlertsOptions = PollingOptions<HeldWarnings, 'published' | 'unchanged' | 'ended' | 'failed'>;

/**
 * Asks for the warnings of all cities at once and publishes what changed: new ones, updates in the place of what they update, and
 * the end of those that were cancelled, upgraded or ran out. While the service gives no answer nothing is known, and nothing ends.
 */
export class PollAlerts {
  private readonly list: WarningList;
  private readonly absences = new Map<string, Absence>();
  /** What was told of each place's trouble, so that it is told once. */
  private readonly told = new Map<string, string>();
  private readonly aheadMaxMs: number;

  constructor(
    client: NwsClient,
    private readonly places: Places,
    private readonly options: PollAlertsOptions,
    private readonly log: Logger,
    private readonly refusals = new Refusals(),
  ) {
    this.list = new WarningList(client, refusals, options.now);
    this.aheadMaxMs = options.aheadMaxMs ?? eventAheadMaxMsDefault;
  }

  async poll(cities: readonly City[]): Promise<void> {
    await this.endThoseOfNobody(cities);
    const zones = await this.zonesOf(cities);
    if (zones.size === 0) return;
    try {
      const { messages, completeFor } = await this.list.ask(zones);
      this.tell('the list of warnings', undefined);
      const newest = this.newest(cities, zones, messages);
      for (const alert of newest.values()) await this.take(alert);
      await this.endTheAbsent(newest, completeFor);
    } catch (error) {
      if (!(error instanceof NwsError)) throw error;
      this.options.onOutcome('failed');
      this.tell('the list of warnings', error);
    }
  }

  /** The zones of each city that has some; a city without is asked for again with the next round, and the others go on. */
  private async zonesOf(cities: readonly City[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const zones = new Map<string, readonly string[]>();
    const asking = cities.map(async (city) => {
      try {
        const place = await this.places.placeOf(city);
        this.tell(city.id, place.trouble);
        if (place.zones.length > 0) zones.set(city.id, place.zones);
      } catch (error) {
        if (!(error instanceof NwsError)) throw error;
        this.options.onOutcome('failed');
        this.tell(city.id, error);
      }
    });
    const all = Promise.all(asking);
    await waitAtMost(all, placePatienceMs);
    all.catch((error: unknown) => this.log.error({ err: error }, 'a place could not be resolved'));
    // Those that come late count with the next round.
    return new Map(zones);
  }

  /** The message that speaks for each warning of each city. */
  private newest(
    cities: readonly City[],
    zones: ReadonlyMap<string, readonly string[]>,
    messages: readonly AlertMessage[],
  ): ReadonlyMap<string, CityAlert> {
    const newest = new Map<string, CityAlert>();
    const inOrder = messages
      .filter((message) => this.isOfNow(message))
      .sort((a, b) => Date.parse(a.properties.sent) - Date.parse(b.properties.sent));
    const areas = this.areasOf(inOrder);
    for (const city of cities) {
      const roots = this.rootsOf(city);
      for (const message of inOrder)
        for (const alert of this.readFor(city, zones.get(city.id) ?? [], message, areas.get(message), roots)) {
          const other = newest.get(alert.key);
          if (other === undefined || speaks(alert, other)) newest.set(alert.key, alert);
        }
    }
    return newest;
  }

  /** What the messages draw, read once for all cities. */
  private areasOf(messages: readonly AlertMessage[]): ReadonlyMap<AlertMessage, DrawnArea | undefined> {
    const reader = new AreaReader();
    const areas = new Map(messages.map((message) => [message, reader.read(message.geometry)]));
    for (const [{ properties }, area] of areas)
      if (area !== undefined && 'invalid' in area)
        this.refusals.note({ what: 'polygon', reason: area.invalid, detail: properties.id });
    return areas;
  }

  private isOfNow({ properties }: AlertMessage): boolean {
    const { id, sent, effective } = properties;
    const ahead = [sent, effective].find(
      (time) => time && isTooFarAhead(Date.parse(time), this.options.now(), this.aheadMaxMs),
    );
    if (ahead) this.refusals.note({ what: 'warning', reason: 'too far ahead', detail: `${id}: ${ahead}` });
    return !ahead;
  }

  /** What a message means for a city: nothing where it is for other places. */
  private readFor(
    city: City,
    zones: readonly string[],
    { properties }: AlertMessage,
    area: DrawnArea | undefined,
    roots: Map<string, string>,
  ): readonly CityAlert[] {
    const affected = new Set(zonesOf(properties));
    const isInZone = zones.some((zone) => affected.has(zone));
    const isInArea = area === undefined || 'invalid' in area ? undefined : covers(area, city);
    const ids = [properties.id, ...replacedIds(properties)];
    // Without a number a warning goes on under the id by which its first message is known.
    const known = vtecOf(properties).length === 0 ? ids.flatMap((id) => roots.get(id) ?? [])[0] : undefined;
    const isCancelById = properties.messageType === 'Cancel' && known !== undefined;
    if (!isInZone && isInArea !== true && !isCancelById) return [];
    const root = known ?? ids[1] ?? properties.id;
    // Its county is named, and yet the storm is elsewhere.
    const alerts = toAlertEvents(city, properties, this.options.now(), { root, isElsewhere: isInArea === false });
    const [first] = alerts;
    if (first !== undefined) for (const id of ids) roots.set(id, first.key.slice(city.id.length + 1));
    return alerts;
  }

  /** The ids of all messages of a city's warnings, each with the last part of its warning's key. */
  private rootsOf(city: City): Map<string, string> {
    const prefix = `${city.id}/`;
    return new Map(
      this.options.published
        .all()
        .filter(([key]) => key.startsWith(prefix))
        .flatMap(([key, held]) =>
          [held.alert_id, ...(held.message_ids ?? [])].map((id) => [id, key.slice(prefix.length)] as const),
        ),
    );
  }

  private async take(alert: CityAlert): Promise<void> {
    const { key, value } = alert;
    this.absences.delete(key);
    const before = this.options.published.get(key);
    const isKnown = before?.status === 'active';
    if (before !== undefined && !isNews(alert, before, this.options.now(), this.aheadMaxMs))
      this.options.onOutcome('unchanged');
    else if (value.status === 'active' || isKnown)
      await this.publish(key, remembered(alert, before), value.status === 'active' ? 'published' : 'ended');
    // An end of what was never begun is remembered, so that the beginning, coming late, does not begin it.
    else if (value.status !== 'expired') this.options.published.set(key, remembered(alert, before));
  }

  private async endTheAbsent(newest: ReadonlyMap<string, CityAlert>, completeFor: ReadonlySet<string>): Promise<void> {
    const nowMs = this.options.now();
    for (const [key, held] of this.options.published.all()) {
      if (isForgotten(held, nowMs)) this.options.published.delete(key);
      if (held.status !== 'active' || newest.has(key) || !completeFor.has(held.city_key)) continue;
      const before = this.absences.get(key);
      const absence = { lists: (before?.lists ?? 0) + 1, sinceMs: before?.sinceMs ?? nowMs };
      this.absences.set(key, absence);
      const status = endByAbsence(held, absence, nowMs);
      if (status !== undefined) await this.publish(key, ended(key, held, status, nowMs), 'ended');
    }
  }

  /** Nobody would follow the warnings of a city that is watched no longer. */
  private async endThoseOfNobody(cities: readonly City[]): Promise<void> {
    const watched = new Set(cities.map(({ id }) => id));
    for (const [key, held] of this.options.published.all())
      if (held.status === 'active' && !watched.has(held.city_key))
        await this.publish(key, ended(key, held, 'cancelled', this.options.now()), 'ended');
  }

  /** A record that is refused is tried again with the next list; the others do not wait for it. */
  private async publish(key: string, held: HeldWarning, outcome: 'published' | 'ended'): Promise<void> {
    try {
      const event = eventOf(held);
      await this.options.publish(
        weatherAlertV1.toRecord(key, event, { 'event-id': event.event_id, source: event.source }),
      );
    } catch (error) {
      this.options.onOutcome('failed');
      this.log.error({ err: error, key }, 'a warning could not be published');
      return;
    }
    this.options.published.set(key, held);
    if (held.status !== 'active') this.absences.delete(key);
    this.options.onOutcome(outcome);
  }

  private tell(what: string, trouble: NwsError | undefined): void {
    if (trouble === undefined) {
      if (this.told.delete(what)) this.log.info({ place: what }, 'the weather service answers for the warnings again');
      return;
    }
    // While we hold back on our own, the trouble is still the one that was told.
    if (this.told.get(what) === trouble.kind || (this.told.has(what) && trouble.kind === 'held-back')) return;
    this.told.set(what, trouble.kind);
    this.log.warn({ place: what, kind: trouble.kind, correlationId: trouble.details.correlationId }, trouble.message);
  }
}
