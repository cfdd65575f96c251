import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { weatherForecastV1, type WeatherForecast } from '@isobar/contracts';
import { pino } from 'pino';
import { Places } from '../nws/places.js';
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

  const make = (mode: 'auto' | 'nws' | 'sample'): PollForecasts => {
    const state = new Map<string, LastIssue>();
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
});
