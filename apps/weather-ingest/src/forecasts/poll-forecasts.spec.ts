import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { weatherForecastV1, type WeatherForecast } from '@isobar/contracts';
import { pino } from 'pino';
import { Places } from '../nws/places.js';
import { Refusals } from '../nws/refusals.js';
import { clientOf } from '../testing/client-of.js';
import { FakeWeatherService } from '../testing/fake-weather-service.js';
import { newYork } from '../testing/new-york.js';
import { PollForecasts, type LastIssue } from './poll-forecasts.js';

const hourMs = 3_600_000;

describe('the forecasts of a city', () => {
  const service = new FakeWeatherService();
  let nowMs: number;
  let events: WeatherForecast[];
  let outcomes: string[];
  let moves: string[];
  let polling: PollForecasts;
  let state: Map<string, LastIssue>;
  let refusals: Refusals;

  const make = (mode: 'auto' | 'nws' | 'sample'): PollForecasts => {
    state = new Map();
    refusals = new Refusals();
    const client = clientOf(service, () => nowMs);
    return new PollForecasts(
      client,
      new Places(client, (_city, from, to) => moves.push(`${from} to ${to}`)),
      {
        mode,
        seed: 42,
        now: () => nowMs,
        publish: async ({ value }) => {
          const event = weatherForecastV1.parseValue(value);
          if (event !== null) events.push(event);
        },
        published: { get: (key) => state.get(key), set: (key, issue) => state.set(key, issue) },
        onOutcome: (outcome) => outcomes.push(outcome),
      },
      pino({ level: 'silent' }),
      refusals,
    );
  };
  const poll = async (): Promise<string[]> => {
    outcomes = [];
    events = [];
    await polling.poll([newYork]);
    return outcomes.sort();
  };

  beforeAll(() => service.start());
  afterAll(() => service.stop());
  beforeEach(() => {
    nowMs = Date.parse('2026-06-01T12:00:00Z');
    service.issuedAtMs = nowMs - 2 * hourMs;
    service.cell = 'TST/1,1';
    service.faults.clear();
    moves = [];
    polling = make('auto');
  });

  it('are published once an issue, without the periods that are over', async () => {
    expect(await poll()).toEqual(['published', 'published']);
    expect(events.filter(({ kind }) => kind === 'hourly')).toHaveLength(2);
    expect(events.filter(({ kind }) => kind === 'daily')).toHaveLength(4);
    expect(events[0]).toMatchObject({ source: 'nws', wind_mph: 10, wind_direction: 'NW', precipitation_pct: null });
    nowMs += 61 * 60_000;
    expect(await poll()).toEqual(['unchanged', 'unchanged']);
    service.issuedAtMs += 3 * hourMs;
    nowMs += 61 * 60_000;
    expect(await poll()).toEqual(['published', 'published']);
  });

  it('never go back to an older issue, until the city lies in another cell', async () => {
    await poll();
    nowMs += 61 * 60_000;
    service.issuedAtMs -= hourMs;
    expect(await poll()).toEqual(['older', 'older']);
    // The old cell has become sea: the city is resolved again at once.
    nowMs += 61 * 60_000;
    service.cell = 'TST/2,2';
    expect(await poll()).toEqual(['published', 'published']);
    expect(new Set(moves)).toEqual(new Set(['TST/1,1 to TST/2,2']));
  });

  it('come out of the raw grid when the worded forecast has none', async () => {
    service.faults.set('/gridpoints/TST/1,1/forecast', { kind: 'status', status: 503, problem: 'ForecastMissingData' });
    expect(await poll()).toEqual(['failed', 'published', 'sample']);
    const hours = events.filter(({ source }) => source === 'nws');
    expect(hours.map(({ temperature_f }) => temperature_f)).toEqual([68, 69.8]);
  });

  it('are simulated, labelled, while the service is out of reach, once an hour', async () => {
    service.faults.set('/', { kind: 'status', status: 500 });
    expect(await poll()).toEqual(['failed', 'failed', 'sample', 'sample']);
    expect(events).toHaveLength(48 + 14);
    expect(events.every(({ source }) => source === 'sample')).toBe(true);
    expect(await poll()).toEqual(['failed', 'failed']);
    service.faults.clear();
    nowMs += hourMs;
    expect(await poll()).toEqual(['published', 'published']);
    expect(events.every(({ source }) => source === 'nws')).toBe(true);
    service.faults.set('/', { kind: 'status', status: 500 });
    nowMs += 2 * hourMs;
    expect(await poll()).toEqual(['failed', 'failed']);
  });

  const period = (hour: number, more: Record<string, unknown> = {}) => ({
    startTime: new Date(nowMs + hour * hourMs).toISOString(),
    endTime: new Date(nowMs + (hour + 1) * hourMs).toISOString(),
    temperature: 70 + hour,
    temperatureUnit: 'F',
    ...more,
  });
  const answer = (properties: Record<string, unknown>): void =>
    void service.faults.set('/gridpoints/TST/1,1/forecast', {
      kind: 'body',
      body: { properties: { updateTime: new Date(service.issuedAtMs).toISOString(), ...properties } },
    });
  const hourlyTemperatures = (): unknown[] =>
    events
      .filter(({ kind, source }) => kind === 'hourly' && source === 'nws')
      .map(({ temperature_f }) => temperature_f);

  it.each<readonly [string, unknown, string]>([
    ['null', null, 'odd element'],
    ['text', 'sunny', 'odd element'],
    ['a list for a temperature', { temperature: [70] }, 'odd temperature'],
    ['a number for a name', { name: 7 }, 'odd name'],
    ['a start without its zone', { startTime: '2026-06-01T12:00:00' }, 'odd startTime'],
  ])('have periods of which an odd one (%s) is left out alone', async (_name, oddity, reason) => {
    const odd = typeof oddity === 'object' && oddity !== null ? period(1, oddity as Record<string, unknown>) : oddity;
    answer({ periods: [period(0), odd, period(2), period(2, { temperature: 99 })] });
    await poll();
    expect(hourlyTemperatures()).toEqual([70, 72]);
    expect(refusals.all()).toMatchObject([{ what: 'period', reason, place: 'new-york-ny', count: 1 }]);
  });

  it('stay a failure without a list of periods', async () => {
    answer({ periods: null });
    expect(await poll()).toEqual(['failed', 'failed', 'sample', 'sample']);
  });

  it.each(['updateTime', 'generatedAt'])(
    'made in the future by %s are refused; the next good one is published',
    async (field) => {
      polling = make('nws');
      answer({ periods: [period(0)], [field]: new Date(nowMs + 6 * hourMs).toISOString() });
      expect(await poll()).toEqual(['failed', 'failed']);
      expect(refusals.all()).toMatchObject([{ what: 'forecast', reason: 'too far ahead', place: 'new-york-ny' }]);
      nowMs += 61 * 60_000;
      service.faults.clear();
      expect(await poll()).toEqual(['published', 'published']);
    },
  );

  it('that were published from the future do not silence the good ones', async () => {
    const ahead = { source: 'nws', cell: 'TST/1,1', issuedAtMs: nowMs + 24 * hourMs } as const;
    for (const kind of ['hourly', 'daily']) state.set(`new-york-ny/${kind}`, ahead);
    expect(await poll()).toEqual(['published', 'published']);
  });

  it('out of the raw grid leave an odd value out, and no span makes them endless', async () => {
    service.faults.set('/gridpoints/TST/1,1/forecast', { kind: 'status', status: 503, problem: 'ForecastMissingData' });
    const at = (hour: number): string => new Date(nowMs + hour * hourMs).toISOString();
    const values = [
      { validTime: `${at(0)}/PT2H`, value: 20 },
      null,
      { validTime: `${at(2)}/PT1H`, value: { broken: true } },
      { validTime: `${at(3)}/P${'9'.repeat(400)}D`, value: 20 },
      { validTime: 'soon', value: 20 },
      { validTime: `${at(4)}/PT1H`, value: null },
      { validTime: `${at(5)}/PT1H`, value: 21 },
    ];
    service.faults.set('/gridpoints/TST/1,1', {
      kind: 'body',
      body: { properties: { updateTime: at(-1), temperature: { uom: 'wmoUnit:degC', values }, windSpeed: 'calm' } },
    });
    await poll();
    expect(hourlyTemperatures()).toEqual([68, 68, 69.8]);
    expect(refusals.all().map(({ what, reason, count }) => [what, reason, count])).toEqual([
      ['grid value', 'odd element', 1],
      ['grid value', 'odd value', 1],
      ['grid value', 'odd validTime', 2],
    ]);
  });
});
