import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  readCities,
  weatherAlertV1,
  weatherForecastV1,
  type EventRecord,
  type WeatherAlert,
  type WeatherObservation,
} from '@isobar/contracts';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { PollAlerts } from './alerts/poll-alerts.js';
import { PollForecasts, type LastIssue } from './forecasts/poll-forecasts.js';
import { AnswerStore } from './nws/answer-store.js';
import { NwsClient } from './nws/nws-client.js';
import { Places } from './nws/places.js';
import { RequestBudget } from './nws/request-budget.js';
import { freshnessOf } from './observations/freshness.js';
import { NationalWeatherSource } from './observations/national-weather-source.js';
import { PollObservations, type LastPublished } from './observations/poll-observations.js';
import { SampleWeatherSource } from './observations/sample-weather-source.js';
import { FakeWeatherService, type Fault } from './testing/fake-weather-service.js';

const cities = readCities(fileURLToPath(new URL('../../../config/cities.json', import.meta.url)));
const startMs = Date.UTC(2026, 10, 20, 12);
const minuteMs = 60_000;
const log = pino({ level: 'silent' });

/** Time that runs `stepMs` with each turn of the event loop's timers: a busy machine slows it down and breaks nothing. */
class FastClock {
  nowMs = startMs;
  private readonly sleepers: { untilMs: number; wake: () => void }[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(stepMs: number) {
    this.timer = setInterval(() => {
      this.nowMs += stepMs;
      for (const sleeper of this.sleepers.filter(({ untilMs }) => untilMs <= this.nowMs)) {
        this.sleepers.splice(this.sleepers.indexOf(sleeper), 1);
        sleeper.wake();
      }
    }, 1);
  }

  readonly now = (): number => this.nowMs;
  readonly sleep = (ms: number): Promise<void> =>
    new Promise((wake) => this.sleepers.push({ untilMs: this.nowMs + ms, wake }));
  stop(): void {
    clearInterval(this.timer);
  }
}

/** The pollers of weather-ingest against a fake service, everything they published at hand. */
class Bench {
  readonly service = new FakeWeatherService();
  readonly clock: FastClock;
  readonly budget = new RequestBudget(1_600);
  /** What was published, each with the round of polling it was published in. */
  readonly observations: { readonly value: WeatherObservation; readonly round: number }[] = [];
  readonly forecasts: EventRecord[] = [];
  readonly alerts: WeatherAlert[] = [];
  readonly outcomes: string[] = [];
  hasNoName = false;
  private round = 0;
  /** How many requests there had been at the end of each round. */
  private readonly requestsAfterRound: number[] = [];
  readonly polling: PollObservations;
  private readonly pollForecasts: PollForecasts;
  private readonly pollAlerts: PollAlerts;

  /** @param timeoutMs real time: long enough for a busy machine, short where the service hangs on purpose */
  constructor(stepMs: number, timeoutMs = 10_000) {
    this.clock = new FastClock(stepMs);
    const { now, sleep } = this.clock;
    const service = this.service;
    service.now = now;
    const isNameless = (): boolean => this.hasNoName;
    const client = new NwsClient({
      get baseUrl() {
        return isNameless() ? 'http://weather-service.invalid' : service.url;
      },
      contact: 'test',
      store: new AnswerStore(undefined),
      budget: this.budget,
      now,
      sleep,
      timeoutMs,
      spacingMs: 0,
      random: () => 0.5,
    });
    const places = new Places(client);
    const published = new Map<string, LastPublished>();
    this.polling = new PollObservations(
      new NationalWeatherSource(client, places, now),
      new SampleWeatherSource(1, now),
      {
        mode: 'auto',
        outageMs: 2 * minuteMs,
        now,
        publish: async ({ value }) => void this.observations.push({ value, round: this.round }),
        published,
        onOutcome: (outcome) => this.outcomes.push(outcome),
      },
      log,
    );
    this.pollForecasts = new PollForecasts(
      client,
      places,
      {
        mode: 'nws',
        seed: 1,
        now,
        publish: async (record) => void this.forecasts.push(record),
        published: new Map<string, LastIssue>(),
        onOutcome: () => undefined,
      },
      log,
    );
    const alerts = new Map<string, WeatherAlert>();
    this.pollAlerts = new PollAlerts(
      client,
      places,
      {
        now,
        publish: async ({ value }) => void this.alerts.push(weatherAlertV1.schema.parse(JSON.parse(value))),
        published: {
          get: (key) => alerts.get(key),
          set: (key, alert) => alerts.set(key, alert),
          delete: (key) => alerts.delete(key),
          all: () => [...alerts],
        },
        onOutcome: () => undefined,
      },
      log,
    );
    service.hasOwnCells = true;
    this.observe(startMs - 50 * minuteMs);
    service.issuedAtMs = startMs - 60 * minuteMs;
    service.alerts = [
      {
        id: 'urn:oid:1',
        sent: new Date(startMs - minuteMs).toISOString(),
        ends: new Date(startMs + 24 * 60 * minuteMs).toISOString(),
        status: 'Actual',
        messageType: 'Alert',
        event: 'Wind Advisory',
        geocode: { UGC: ['TSZ001'] },
      },
    ];
  }

  observe(observedAtMs: number): void {
    this.service.stations.set('KTST', { observedAtMs, temperatureC: 20 });
  }

  async stop(): Promise<void> {
    this.clock.stop();
    await this.service.stop();
  }

  /** Polls each minute until then. */
  async until(untilMs: number, isDone: () => boolean = () => false): Promise<void> {
    while (this.clock.nowMs < untilMs && !isDone()) {
      const roundMs = this.clock.nowMs;
      await Promise.all([
        this.polling.poll(cities, 1_000),
        this.pollForecasts.poll(cities),
        this.pollAlerts.poll(cities),
      ]);
      this.requestsAfterRound.push(this.service.requests.length);
      this.round += 1;
      await this.clock.sleep(Math.max(0, roundMs + minuteMs - this.clock.nowMs));
    }
  }

  real(): WeatherObservation[] {
    return this.observations.map(({ value }) => value).filter(({ source }) => source === 'nws');
  }

  /** The round in which a request was answered. */
  roundOf(requestIndex: number): number {
    return this.requestsAfterRound.findIndex((count) => requestIndex < count);
  }

  /** How much what is known of each city is worth, and how the topic labels it. */
  freshness(): string[] {
    return cities.map(({ id }) => {
      const latest = this.polling.weatherOf(id)?.latest;
      return latest === undefined ? 'unknown' : freshnessOf(latest, this.clock.nowMs);
    });
  }
}

const everywhere = (fault: Fault) => (bench: Bench) => void bench.service.faults.set('/', fault);

/** What goes wrong from the tenth minute on, and how long a polite client may take to notice that it is over. */
const faults: Record<string, { begin: (bench: Bench) => void; graceMinutes: number }> = {
  '500': { begin: everywhere({ kind: 'status', status: 500, problem: 'UnexpectedProblem' }), graceMinutes: 16 },
  '502': { begin: everywhere({ kind: 'html', status: 502 }), graceMinutes: 16 },
  '503': { begin: everywhere({ kind: 'status', status: 503, problem: 'UnavailableWebService' }), graceMinutes: 16 },
  // Whoever is blocked and goes on asking stays blocked: the pause doubles up to an hour.
  '403': { begin: everywhere({ kind: 'html', status: 403 }), graceMinutes: 61 },
  '429 with Retry-After': {
    begin: everywhere({ kind: 'status', status: 429, retryAfterSeconds: 120 }),
    graceMinutes: 16,
  },
  'a hanging socket': { begin: everywhere({ kind: 'hang' }), graceMinutes: 16 },
  'half a body': { begin: everywhere({ kind: 'half-body' }), graceMinutes: 16 },
  HTML: { begin: everywhere({ kind: 'html', status: 200 }), graceMinutes: 16 },
  'an empty feature': { begin: everywhere({ kind: 'empty-feature' }), graceMinutes: 16 },
  'nulls everywhere': { begin: everywhere({ kind: 'nulls' }), graceMinutes: 16 },
  'an old copy with status 200': {
    begin: (bench) => {
      bench.observe(startMs - 5 * 60 * minuteMs);
      bench.service.issuedAtMs = startMs - 7 * 60 * minuteMs;
    },
    graceMinutes: 16,
  },
  'a moved grid': {
    begin: ({ service }) => {
      service.cell = 'TST/1,2';
      for (const part of ['/forecast', '/stations'])
        service.faults.set(`/gridpoints/TST/4074,1${part}`, { kind: 'redirect', to: `/gridpoints/TST/4074,2${part}` });
    },
    graceMinutes: 16,
  },
  'a name that is not found': { begin: (bench) => void (bench.hasNoName = true), graceMinutes: 16 },
};

describe('an hour of', () => {
  interface Outcome {
    readonly bench: Bench;
    /** Requests before the fault, and until it was over. */
    readonly before: number;
    readonly requests: number;
    /** What was known at the end of the hour. */
    readonly freshness: readonly string[];
    readonly failures: number;
    readonly recoveredMs: number;
  }
  const benches = new Map<string, Outcome>();
  const outcomeOf = (name: string): Outcome => {
    const outcome = benches.get(name);
    if (outcome === undefined) throw new Error(`${name} ran`);
    return outcome;
  };

  beforeAll(async () => {
    await Promise.all(
      Object.entries(faults).map(async ([name, { begin, graceMinutes }]) => {
        const bench = new Bench(2_000, name === 'a hanging socket' ? 250 : undefined);
        await bench.service.start();
        await bench.until(startMs + 10 * minuteMs);
        const before = bench.service.requests.length;
        begin(bench);
        await bench.until(startMs + 70 * minuteMs);
        const requests = bench.service.requests.length;
        const freshness = bench.freshness();
        const failures = bench.outcomes.filter((outcome) => outcome === 'failed').length;

        const goodMs = bench.clock.nowMs;
        bench.service.faults.clear();
        bench.hasNoName = false;
        bench.service.issuedAtMs = goodMs - minuteMs;
        bench.observe(Math.floor(goodMs / 1_000) * 1_000 - 5 * minuteMs);
        const isBack = (): boolean =>
          cities.every(({ name: city }) =>
            bench.real().some((value) => value.city === city && value.observed_at > goodMs - 6 * minuteMs),
          );
        await bench.until(goodMs + graceMinutes * minuteMs, isBack);
        benches.set(name, {
          bench,
          before,
          requests,
          freshness,
          failures,
          recoveredMs: isBack() ? bench.clock.nowMs - goodMs : Number.POSITIVE_INFINITY,
        });
        await bench.stop();
      }),
    );
  }, 300_000);

  it.each(Object.keys(faults))('%s: nothing goes back in time, and the first good answer counts', (name) => {
    const { bench, recoveredMs, requests } = outcomeOf(name);
    for (const { name: city } of cities) {
      const moments = bench
        .real()
        .filter((value) => value.city === city)
        .map(({ observed_at }): number => observed_at);
      expect(moments).toEqual([...moments].sort((a, b) => a - b));
      expect(moments.length).toBeGreaterThanOrEqual(2);
      for (const kind of ['hourly', 'daily']) {
        const issues = bench.forecasts
          .map(({ value }) => weatherForecastV1.schema.parse(JSON.parse(value)))
          .filter((forecast) => forecast.city === city && forecast.kind === kind)
          .map(({ issued_at }): number => issued_at);
        expect(issues).toEqual([...issues].sort((a, b) => a - b));
      }
    }
    expect(recoveredMs).toBeLessThanOrEqual((faults[name]?.graceMinutes ?? 0) * minuteMs);
    // The first good answer of each city's station is in the topic in the very round in which it came.
    const newest = Math.max(...bench.real().map(({ observed_at }): number => observed_at));
    for (const { name: city } of cities) {
      const first = bench.observations.find(
        ({ value }) => value.source === 'nws' && value.city === city && value.observed_at === newest,
      );
      const path = `/stations/${first?.value.station_id}/observations/latest`;
      const answer = bench.service.requests.findIndex(
        (request, index) => index >= requests && request.path === path && request.fault === undefined,
      );
      expect(answer).toBeGreaterThanOrEqual(requests);
      expect([city, first?.round]).toEqual([city, bench.roundOf(answer)]);
    }
    // Trouble is no news about a warning.
    expect(bench.alerts.map(({ status }) => status)).toEqual(cities.map(() => 'active'));
  });

  it.each(Object.keys(faults))('%s: happens, and nothing old passes for the weather of now', (name) => {
    const { bench, before, requests, freshness, failures } = outcomeOf(name);
    const during = bench.service.requests.slice(before, requests);
    switch (name) {
      case 'an old copy with status 200':
        expect(during.length).toBeGreaterThan(0);
        expect(new Set(freshness)).toEqual(new Set(['stale']));
        break;
      case 'a moved grid':
        // Observations go on; each city was resolved anew and asks for its forecasts in its new cell.
        expect(during.filter(({ fault }) => fault === 'redirect').length).toBeGreaterThan(0);
        expect(new Set(during.flatMap(({ path }) => /^\/gridpoints\/TST\/\d+,2/.exec(path)?.[0] ?? [])).size).toBe(
          cities.length,
        );
        expect(failures).toBe(0);
        expect(new Set(freshness)).toEqual(new Set(['stale']));
        break;
      case 'a name that is not found':
        expect([during.length, failures > 0]).toEqual([0, true]);
        expect(new Set(freshness)).toEqual(new Set(['sample']));
        break;
      default: {
        expect(during.length).toBeGreaterThan(0);
        expect(during.filter(({ fault }) => fault === undefined)).toEqual([]);
        expect(failures).toBeGreaterThan(0);
        // The simulation stands in, and says that it is one.
        expect(new Set(freshness)).toEqual(new Set(['sample']));
        const labels = new Set(
          bench.observations
            .filter(({ round }) => round >= bench.roundOf(requests - 1))
            .map(({ value }) => value.source),
        );
        expect(labels).toContain('sample');
      }
    }
  });

  it('429: is silent for as long as Retry-After says, each time', () => {
    const { bench, before, requests } = outcomeOf('429 with Retry-After');
    const times = bench.service.requests.slice(before, requests).map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
    // Two requests may be under way together; whatever follows them waits.
    expect(gaps.filter((gapMs) => gapMs > 20_000 && gapMs < 120_000)).toEqual([]);
    expect(times.length).toBeLessThan(60);
  });

  it.each(Object.keys(faults))('%s: stays within what five cities may ask', (name) => {
    const result = outcomeOf(name);
    // The first minutes of an outage are the dear ones; from then on each endpoint is probed four times an hour.
    expect(result.requests).toBeLessThanOrEqual(240);
    expect(result.bench.budget.usedAt(result.bench.clock.nowMs)).toBeLessThanOrEqual(1_600);
  });

  it('an old copy is counted', () => {
    const { bench } = outcomeOf('an old copy with status 200');
    expect(bench.outcomes.filter((outcome) => outcome === 'older').length).toBeGreaterThan(5);
  });
});

describe('what is known of a city', () => {
  let bench: Bench;
  beforeAll(() => {
    bench = new Bench(20_000);
  });
  afterAll(() => bench.stop());

  it('grows stale, and says so, while old copies come', async () => {
    await bench.service.start();
    await bench.until(startMs + 3 * minuteMs);
    expect(new Set(bench.freshness())).toEqual(new Set(['live']));
    const known = bench.polling.weatherOf('miami-fl')?.latest;
    bench.observe(startMs - 5 * 60 * minuteMs);
    await bench.until(startMs + 45 * minuteMs);
    expect(new Set(bench.freshness())).toEqual(new Set(['stale']));
    expect(bench.polling.weatherOf('miami-fl')?.latest).toEqual(known);
  }, 20_000);
});

describe('a quiet day', () => {
  let bench: Bench;
  beforeAll(() => {
    bench = new Bench(15_000);
  });
  afterAll(() => bench.stop());

  it('asks no more than 1,600 times for five cities', async () => {
    await bench.service.start();
    bench.service.maxAgeSeconds = 30;
    for (let hour = 1; hour <= 24; hour += 1) {
      bench.observe(bench.clock.nowMs - 5 * minuteMs);
      bench.service.issuedAtMs = startMs + (hour - 1) * 60 * minuteMs;
      await bench.until(startMs + hour * 60 * minuteMs);
    }
    expect(bench.service.requests.length).toBeLessThanOrEqual(1_600);
    // Every hour's report of every city came through.
    expect(bench.real().length).toBeGreaterThanOrEqual(24 * cities.length);
  }, 300_000);
});
