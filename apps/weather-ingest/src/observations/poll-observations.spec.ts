import { beforeEach, describe, expect, it } from '@jest/globals';
import { epochMs, fahrenheit, type City, type WeatherObservation } from '@isobar/contracts';
import { pino } from 'pino';
import type { WeatherMode } from '../config.js';
import { NwsError } from '../nws/nws-error.js';
import type { CityObservation, ObservationSource } from './observation-source.js';
import { PollObservations, type LastPublished } from './poll-observations.js';
import { SampleWeatherSource } from './sample-weather-source.js';

const city: City = {
  id: 'miami-fl',
  name: 'Miami',
  state: 'FL',
  latitude: 25.7617,
  longitude: -80.1918,
  timeZone: 'America/New_York',
};
const minute = 60_000;

function real(observedAtMs: number, eventId = `real-${observedAtMs}`): CityObservation {
  const value: WeatherObservation = {
    event_id: eventId,
    city: 'Miami',
    state: 'FL',
    temperature_f: fahrenheit(80),
    humidity_pct: null,
    wind_mph: null,
    pressure_hpa: null,
    conditions: null,
    station_id: 'KMIA',
    source: 'nws',
    observed_at: epochMs(observedAtMs),
    fetched_at: epochMs(observedAtMs),
  };
  return { city, quality: '', value };
}

describe('looking at the weather of a city', () => {
  let nowMs: number;
  let answer: () => Promise<CityObservation>;
  let published: CityObservation[];
  let outcomes: string[];
  let state: LastPublished | undefined;
  let refusesCity: string | undefined;

  const polling = (mode: WeatherMode = 'auto') => {
    const source: ObservationSource = { observe: () => answer() };
    return new PollObservations(
      source,
      new SampleWeatherSource(1, () => nowMs),
      {
        mode,
        outageMs: 2 * minute,
        now: () => nowMs,
        publish: async (observation) => {
          if (observation.city.id === refusesCity) throw new Error('the broker refuses it');
          published.push(observation);
        },
        published: {
          get: () => state,
          set: (_cityId, last) => {
            state = last;
          },
        },
        onOutcome: (outcome) => outcomes.push(outcome),
      },
      pino({ level: 'silent' }),
    );
  };
  const sources = () => published.map(({ value }) => value.source);
  const away = () => Promise.reject(new NwsError('unreachable', 'name not found'));

  beforeEach(() => {
    nowMs = 1_700_000_000_000;
    published = [];
    outcomes = [];
    state = undefined;
    refusesCity = undefined;
    answer = away;
  });

  it('publishes each observation once, also over a restart', async () => {
    answer = async () => real(nowMs - minute, 'one');
    const first = polling();
    await first.poll([city], 10);
    await first.poll([city], 10);
    await polling().poll([city], 10);
    expect(published).toHaveLength(1);
    expect(outcomes).toEqual(['published', 'unchanged', 'unchanged']);
  });

  it('never goes back in time', async () => {
    const poll = polling();
    answer = async () => real(nowMs - minute);
    await poll.poll([city], 10);
    answer = async () => real(nowMs - 60 * minute);
    await poll.poll([city], 10);
    expect(published).toHaveLength(1);
    expect(outcomes).toEqual(['published', 'older']);
  });

  it('forgets what was published from the future, whoever did it', async () => {
    state = { source: 'nws', real: { eventId: 'ahead', observedAtMs: nowMs + 6 * 60 * minute } };
    answer = async () => real(nowMs - 5 * minute);
    await polling().poll([city], 10);
    expect(outcomes).toEqual(['published']);
    expect(state?.real?.observedAtMs).toBe(nowMs - 5 * minute);
  });

  it('lets the trouble of one city be its own', async () => {
    const other: City = { ...city, id: 'tampa-fl', name: 'Tampa' };
    refusesCity = 'miami-fl';
    await polling().poll([city, other], 10);
    await polling('sample').poll([city, other], 10);
    expect(published.map(({ city: { id } }) => id)).toEqual(['tampa-fl', 'tampa-fl']);
    expect(outcomes.filter((outcome) => outcome === 'failed').length).toBeGreaterThanOrEqual(2);
  });

  it('lets the simulation speak, labelled, while the service is out of reach, and the real one at once when it is back', async () => {
    const poll = polling();
    await poll.poll([city], 10);
    await poll.poll([city], 10);
    expect(sources()).toEqual(['sample', 'sample']);
    expect(poll.weatherOf(city.id)?.trouble?.kind).toBe('unreachable');
    answer = async () => real(nowMs - 30 * minute);
    await poll.poll([city], 10);
    expect(sources()).toEqual(['sample', 'sample', 'nws']);
    expect(poll.weatherOf(city.id)).toMatchObject({ trouble: undefined, latest: { value: { source: 'nws' } } });
  });

  it('keeps the last real weather through a short outage and publishes it again after a long one', async () => {
    const poll = polling();
    const record = real(nowMs - minute);
    answer = async () => record;
    await poll.poll([city], 10);
    answer = away;
    nowMs += minute;
    await poll.poll([city], 10);
    expect(sources()).toEqual(['nws']);
    nowMs += 2 * minute;
    await poll.poll([city], 10);
    expect(sources()).toEqual(['nws', 'sample']);
    // The same record: readers saw the sample last, so it is news to them.
    answer = async () => record;
    await poll.poll([city], 10);
    expect(sources()).toEqual(['nws', 'sample', 'nws']);
  });

  it('does not wait for a service that hangs', async () => {
    let give: (observation: CityObservation) => void = () => undefined;
    answer = () => new Promise((resolve) => (give = resolve));
    const poll = polling();
    const done = poll.poll([city], 5);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sources()).toEqual(['sample']);
    give(real(nowMs));
    await done;
    expect(sources()).toEqual(['sample', 'nws']);
  });

  it('never simulates in nws mode and never asks in sample mode', async () => {
    await polling('nws').poll([city], 5);
    expect(published).toEqual([]);
    answer = () => Promise.reject(new Error('asked'));
    await polling('sample').poll([city], 5);
    expect(sources()).toEqual(['sample']);
  });
});
