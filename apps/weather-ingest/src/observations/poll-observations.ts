import { eventAheadMaxMsDefault, isTooFarAhead, type City } from '@isobar/contracts';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { WeatherMode } from '../config.js';
import { NwsError } from '../nws/nws-error.js';
import { waitAtMost } from '../polling/wait-at-most.js';
import type { CityObservation, ObservationSource } from './observation-source.js';

/** What is known of a city's weather, for people and for the next poll. */
export interface CityWeather {
  readonly latest: CityObservation | undefined;
  /** Why the weather service gave nothing at the last attempt. */
  readonly trouble: NwsError | undefined;
  readonly lastRealAtMs: number | undefined;
}

/** What the topic holds of a city: the source of its last record, and the last real one. */
export const lastPublishedSchema = z.object({
  source: z.enum(['nws', 'sample']),
  real: z.object({ eventId: z.string(), observedAtMs: z.number() }).optional(),
});
export type LastPublished = z.output<typeof lastPublishedSchema>;

export interface PollObservationsOptions {
  readonly mode: WeatherMode;
  readonly outageMs: number;
  readonly now: () => number;
  /** How far ahead of `now` what is remembered may lie; five minutes without it. */
  readonly aheadMaxMs?: number;
  readonly publish: (observation: CityObservation) => Promise<void>;
  readonly published: {
    get: (cityId: string) => LastPublished | undefined;
    set: (cityId: string, last: LastPublished) => void;
  };
  readonly onOutcome: (outcome: 'published' | 'unchanged' | 'older' | 'sample' | 'failed') => void;
}

/**
 * Looks at the weather of every city once and publishes what is new. In `auto` mode a simulation, labelled as such, stands in for a
 * city whose real weather was never seen or has been out of reach for too long; the first real answer takes its place again.
 */
export class PollObservations {
  private readonly cities = new Map<string, CityWeather>();

  constructor(
    private readonly real: ObservationSource,
    private readonly sample: ObservationSource,
    private readonly options: PollObservationsOptions,
    private readonly log: Logger,
  ) {}

  weatherOf(cityId: string): CityWeather | undefined {
    return this.cities.get(cityId);
  }

  forget(cityId: string): void {
    this.cities.delete(cityId);
  }

  /**
   * @param patienceMs how long the simulation holds back before it speaks for a city that has nothing better
   */
  async poll(cities: readonly City[], patienceMs: number): Promise<void> {
    if (this.options.mode === 'sample') {
      await Promise.all(cities.map((city) => this.alone(city, this.publishSample(city))));
      return;
    }
    const polls = Promise.all(cities.map((city) => this.alone(city, this.pollReal(city))));
    if (this.options.mode === 'auto') {
      await waitAtMost(polls, patienceMs);
      const wanting = cities.filter((city) => this.needsSample(city));
      await Promise.all(wanting.map((city) => this.alone(city, this.publishSample(city))));
    }
    await polls;
  }

  /** What befalls one city, a record that the broker refuses say, must not end the round of the others. */
  private async alone(city: City, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.options.onOutcome('failed');
      this.log.error({ err: error, city: city.id }, 'the weather of a city could not be published');
    }
  }

  private async pollReal(city: City): Promise<void> {
    try {
      const observation = await this.real.observe(city);
      const before = this.cities.get(city.id);
      // An old copy does not take the place of what is known already.
      const isOld =
        isOlder(observation, before?.latest) && !this.isAhead({ observedAtMs: before?.latest?.value.observed_at ?? 0 });
      const latest = isOld ? before?.latest : observation;
      this.cities.set(city.id, { latest, trouble: undefined, lastRealAtMs: this.options.now() });
      if (before?.trouble !== undefined)
        this.log.info({ city: city.id, station: observation.value.station_id }, 'the weather service answers');
      await this.publishIfNew(observation);
    } catch (error) {
      if (!(error instanceof NwsError)) throw error;
      this.options.onOutcome('failed');
      const before = this.cities.get(city.id);
      if (before?.trouble?.kind !== error.kind)
        this.log.warn(
          { city: city.id, kind: error.kind, status: error.details.status, correlationId: error.details.correlationId },
          error.message,
        );
      this.cities.set(city.id, { latest: before?.latest, lastRealAtMs: before?.lastRealAtMs, trouble: error });
    }
  }

  /** An old copy with status 200 is no news, and the same record again is none either, unless it takes a sample's place. */
  private async publishIfNew(observation: CityObservation): Promise<void> {
    const { event_id, observed_at } = observation.value;
    const before = this.options.published.get(observation.city.id);
    if (before?.real !== undefined && !this.isAhead(before.real) && before.real.observedAtMs > observed_at) {
      this.options.onOutcome('older');
      return;
    }
    if (before?.real?.eventId === event_id && before.source === 'nws') {
      this.options.onOutcome('unchanged');
      return;
    }
    await this.options.publish(observation);
    this.options.published.set(observation.city.id, {
      source: 'nws',
      real: { eventId: event_id, observedAtMs: observed_at },
    });
    this.options.onOutcome('published');
  }

  /** What was published from the future, by a clock that ran ahead, must not silence what is observed now. */
  private isAhead({ observedAtMs }: { readonly observedAtMs: number }): boolean {
    return isTooFarAhead(observedAtMs, this.options.now(), this.options.aheadMaxMs ?? eventAheadMaxMsDefault);
  }

  private needsSample(city: City): boolean {
    const weather = this.cities.get(city.id);
    if (weather?.latest === undefined || weather.latest.value.source === 'sample') return true;
    const lastRealAtMs = weather.lastRealAtMs ?? 0;
    return weather.trouble !== undefined && this.options.now() - lastRealAtMs > this.options.outageMs;
  }

  private async publishSample(city: City): Promise<void> {
    const observation = await this.sample.observe(city);
    const known = this.cities.get(city.id);
    this.cities.set(city.id, { latest: observation, trouble: known?.trouble, lastRealAtMs: known?.lastRealAtMs });
    await this.options.publish(observation);
    const real = this.options.published.get(city.id)?.real;
    this.options.published.set(city.id, { source: 'sample', ...(real === undefined ? {} : { real }) });
    this.options.onOutcome('sample');
  }
}

const isOlder = (observation: CityObservation, known: CityObservation | undefined): boolean =>
  known?.value.source === 'nws' && known.value.observed_at > observation.value.observed_at;
