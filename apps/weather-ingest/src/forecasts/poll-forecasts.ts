import {
  eventAheadMaxMsDefault,
  isTooFarAhead,
  weatherForecastV1,
  type City,
  type WeatherForecast,
} from '@isobar/contracts';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { WeatherMode } from '../config.js';
import { forecastSchema, rawGridSchema, readAnswer } from '../nws/answers.js';
import type { NwsClient } from '../nws/nws-client.js';
import { NwsError } from '../nws/nws-error.js';
import type { Places } from '../nws/places.js';
import { Refusals } from '../nws/refusals.js';
import type { PollingOptions } from '../polling/polled-topic.js';
import type { PublishedState } from '../publishing/published-state.js';
import { rawGridToForecastEvents } from './raw-grid-to-forecast.js';
import { sampleForecast } from './sample-forecast.js';
import { madeAtMs, toForecastEvents, type ForecastKind } from './to-forecast-events.js';

const kinds: readonly ForecastKind[] = ['hourly', 'daily'];
/** Offices publish a few times a day; an hour is soon enough. */
const minFreshMs = 60 * 60_000;
/** An older forecast of the service is still better than a simulation, for this long. */
const realHoldsMs = 12 * 60 * 60_000;

export const lastIssueSchema = z.object({
  source: z.enum(['nws', 'sample']),
  issuedAtMs: z.number(),
  cell: z.string(),
});
export type LastIssue = z.output<typeof lastIssueSchema>;

export interface PollForecastsOptions extends PollingOptions<
  Pick<PublishedState<LastIssue>, 'get' | 'set'>,
  'published' | 'unchanged' | 'older' | 'sample' | 'failed'
> {
  readonly mode: WeatherMode;
  readonly seed: number;
}

/** Looks at the forecasts of every city and publishes each issue once; an issue older than the last one is an old copy. */
export class PollForecasts {
  constructor(
    private readonly client: NwsClient,
    private readonly places: Places,
    private readonly options: PollForecastsOptions,
    private readonly log: Logger,
    private readonly refusals = new Refusals(),
  ) {}

  async poll(cities: readonly City[]): Promise<void> {
    await Promise.all(cities.flatMap((city) => kinds.map((kind) => this.pollAlone(city, kind))));
  }

  /** What befalls one forecast, a record that the broker refuses say, must not end the round of the others. */
  private async pollAlone(city: City, kind: ForecastKind): Promise<void> {
    try {
      await this.pollOne(city, kind);
    } catch (error) {
      this.options.onOutcome('failed');
      this.log.error({ err: error, city: city.id, kind }, 'a forecast could not be published');
    }
  }

  private async pollOne(city: City, kind: ForecastKind): Promise<void> {
    if (this.options.mode === 'sample') {
      await this.publishSample(city, kind);
      return;
    }
    try {
      const { events, cell } = await this.fetch(city, kind);
      await this.publishIfNewer(city, kind, cell, events);
    } catch (error) {
      if (!(error instanceof NwsError)) throw error;
      this.options.onOutcome('failed');
      this.log.debug({ city: city.id, kind, trouble: error.kind }, error.message);
      if (this.options.mode === 'auto' && this.needsSample(city, kind)) await this.publishSample(city, kind);
    }
  }

  private fetch(city: City, kind: ForecastKind): Promise<{ events: readonly WeatherForecast[]; cell: string }> {
    return this.places.inCell(city, async (cell) => {
      const path = `/gridpoints/${cell}/forecast${kind === 'hourly' ? '/hourly' : ''}`;
      try {
        const { body, fetchedAtMs } = await this.client.get(path, { minFreshMs });
        const answer = readAnswer(forecastSchema, body, 'forecast');
        this.refuseTheFuture(city, madeAtMs(answer.properties));
        return { cell, events: toForecastEvents(city, kind, answer, fetchedAtMs, this.onOdd(city, 'period')) };
      } catch (error) {
        // A hole in the grid kills the worded forecast; the hours are still in the grid itself.
        if (kind !== 'hourly' || !(error instanceof NwsError) || error.kind !== 'no-forecast') throw error;
        const { body, fetchedAtMs } = await this.client.get(`/gridpoints/${cell}`, { minFreshMs });
        const answer = readAnswer(rawGridSchema, body, 'grid');
        this.refuseTheFuture(city, madeAtMs(answer.properties));
        return { cell, events: rawGridToForecastEvents(city, answer, fetchedAtMs, this.onOdd(city, 'grid value')) };
      }
    });
  }

  /** Published, an issue from the future would make every good one after it look old. @throws NwsError */
  private refuseTheFuture(city: City, timeMs: number): void {
    if (!this.isAhead(timeMs)) return;
    const error = new NwsError(
      'too-far-ahead',
      `A forecast made at ${new Date(timeMs).toISOString()} lies too far ahead of our clock (EVENT_AHEAD_MAX_MS)`,
    );
    this.refusals.note({ what: 'forecast', reason: 'too far ahead', place: city.id, detail: error.message });
    throw error;
  }

  private isAhead(timeMs: number): boolean {
    return isTooFarAhead(timeMs, this.options.now(), this.options.aheadMaxMs ?? eventAheadMaxMsDefault);
  }

  private onOdd(city: City, what: 'period' | 'grid value'): (reason: string, detail: string) => void {
    return (reason, detail) => this.refusals.note({ what, reason, place: city.id, detail });
  }

  private async publishIfNewer(
    city: City,
    kind: ForecastKind,
    cell: string,
    events: readonly WeatherForecast[],
  ): Promise<void> {
    const issuedAtMs: number = events[0]?.issued_at ?? 0;
    const before = this.lastIssue(city, kind);
    // Another cell is another place: its issues have their own order.
    if (before?.source === 'nws' && before.cell === cell && before.issuedAtMs >= issuedAtMs) {
      this.options.onOutcome(before.issuedAtMs === issuedAtMs ? 'unchanged' : 'older');
      return;
    }
    await this.publish(city, kind, cell, events);
    this.options.onOutcome('published');
  }

  /** What was published from the future, by a clock that ran ahead, must not silence what is issued now. */
  private lastIssue(city: City, kind: ForecastKind): LastIssue | undefined {
    const last = this.options.published.get(keyOf(city, kind));
    return last !== undefined && this.isAhead(last.issuedAtMs) ? undefined : last;
  }

  private needsSample(city: City, kind: ForecastKind): boolean {
    const before = this.lastIssue(city, kind);
    return before?.source !== 'nws' || this.options.now() - before.issuedAtMs > realHoldsMs;
  }

  /** One simulated issue an hour. */
  private async publishSample(city: City, kind: ForecastKind): Promise<void> {
    const events = sampleForecast(city, kind, this.options.now(), this.options.seed);
    const before = this.options.published.get(keyOf(city, kind));
    if (before?.source === 'sample' && before.issuedAtMs === events[0]?.issued_at) return;
    await this.publish(city, kind, 'sample', events);
    this.options.onOutcome('sample');
  }

  /** Periods that are over say nothing about the future. */
  private async publish(
    city: City,
    kind: ForecastKind,
    cell: string,
    events: readonly WeatherForecast[],
  ): Promise<void> {
    const ahead = events.filter(({ period_end }) => period_end > this.options.now());
    await Promise.all(
      ahead.map((event) =>
        this.options.publish(
          weatherForecastV1.toRecord(city.id, event, { 'event-id': event.event_id, source: event.source }),
        ),
      ),
    );
    const [first] = events;
    if (first !== undefined)
      this.options.published.set(keyOf(city, kind), {
        source: first.source === 'nws' ? 'nws' : 'sample',
        issuedAtMs: first.issued_at,
        cell,
      });
  }
}

const keyOf = (city: City, kind: ForecastKind): string => `${city.id}/${kind}`;
