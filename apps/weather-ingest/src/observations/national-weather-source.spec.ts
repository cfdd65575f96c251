import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { canonical, Places } from '../nws/places.js';
import { Refusals } from '../nws/refusals.js';
import { clientOf } from '../testing/client-of.js';
import { FakeWeatherService, type Fault } from '../testing/fake-weather-service.js';
import { newYork } from '../testing/new-york.js';
import { NationalWeatherSource } from './national-weather-source.js';
import { StationClocks } from './station-clocks.js';

describe('the latest observation of a city', () => {
  const service = new FakeWeatherService();
  const nowMs = 1_700_000_000_000;
  const minute = 60_000;
  let refusals: Refusals;
  let clocks: StationClocks;
  const source = () => {
    const client = clientOf(service, () => nowMs);
    return new NationalWeatherSource(client, new Places(client), () => nowMs, undefined, refusals, clocks);
  };
  const observe = async () => (await source().observe(newYork)).value;

  beforeAll(() => service.start());
  afterAll(() => service.stop());
  beforeEach(() => {
    refusals = new Refusals();
    clocks = new StationClocks();
    service.stations.clear();
    service.faults.clear();
    service.requests.length = 0;
  });

  it('asks for the point in canonical form', async () => {
    service.stations.set('KNYC', { observedAtMs: nowMs - minute, temperatureC: 10 });
    expect(await observe()).toMatchObject({ station_id: 'KNYC', temperature_f: 50 });
    expect(service.requests[0]?.path).toBe('/points/40.7128,-74.006');
    expect([canonical(-74.006), canonical(40.5), canonical(-0.00001), canonical(12.34567)]).toEqual([
      '-74.006',
      '40.5',
      '0',
      '12.3457',
    ]);
  });

  it('prefers airports, then nearness', async () => {
    service.stations.set('D3835', { observedAtMs: nowMs - minute, temperatureC: 1 });
    service.stations.set('KLGA', { observedAtMs: nowMs - minute, temperatureC: 2 });
    expect((await observe()).station_id).toBe('KLGA');
  });

  it('goes on to the next station when one has no data, an old record or no temperature', async () => {
    service.stations.set('KAAA', { observedAtMs: nowMs - minute, temperatureC: null });
    service.stations.set('KBBB', { observedAtMs: nowMs - 600 * minute, temperatureC: 5 });
    service.stations.set('KCCC', { observedAtMs: nowMs - minute, temperatureC: 5 });
    service.stations.set('KDDD', { observedAtMs: nowMs - minute, temperatureC: 9 });
    service.faults.set('/stations/KCCC', { kind: 'status', status: 404, problem: 'NotFound' });
    expect((await observe()).station_id).toBe('KDDD');
  });

  it('takes the youngest with a temperature when all are old', async () => {
    service.stations.set('KAAA', { observedAtMs: nowMs - 500 * minute, temperatureC: 4 });
    service.stations.set('KBBB', { observedAtMs: nowMs - 300 * minute, temperatureC: 5 });
    service.stations.set('KCCC', { observedAtMs: nowMs - 200 * minute, temperatureC: null });
    expect((await observe()).station_id).toBe('KBBB');
  });

  it('leaves a record from the future to its station: the next one speaks', async () => {
    service.stations.set('KAAA', { observedAtMs: nowMs + 360 * minute, temperatureC: 45 });
    service.stations.set('KBBB', { observedAtMs: nowMs - 20 * minute, temperatureC: 21 });
    expect(await observe()).toMatchObject({ station_id: 'KBBB', temperature_f: 69.8 });
    expect(refusals.all()).toMatchObject([{ what: 'observation', reason: 'too far ahead', place: 'KAAA', count: 1 }]);
    const fast = { stationId: 'KAAA', aheadMs: 360 * minute, seenAtMs: nowMs };
    expect(clocks.fastOf(newYork.id, nowMs)).toEqual([fast]);
    expect(clocks.fastOf(newYork.id, nowMs + 61 * minute)).toEqual([]);
    service.stations.delete('KBBB');
    await expect(observe()).rejects.toMatchObject({ kind: 'too-far-ahead' });
    // Clocks differ by some minutes.
    service.stations.set('KAAA', { observedAtMs: nowMs + 4 * minute, temperatureC: 20 });
    expect((await observe()).station_id).toBe('KAAA');
    expect(clocks.fastOf(newYork.id, nowMs)).toEqual([]);
  });

  it.each<readonly [string, unknown]>([
    ['no time', { timestamp: null }],
    ['a time without its zone', { timestamp: '2023-11-14T22:00:00' }],
    ['a fill value for a time', { timestamp: '1900-01-01T00:00:00Z' }],
    ['a year that nobody lives to see', { timestamp: '9999-12-31T23:59:59Z' }],
  ])('leaves a record with %s to its station, too', async (_name, properties) => {
    service.stations.set('KAAA', { observedAtMs: nowMs, temperatureC: 1 });
    service.stations.set('KBBB', { observedAtMs: nowMs, temperatureC: 21 });
    service.faults.set('/stations/KAAA', { kind: 'body', body: { properties } });
    expect((await observe()).station_id).toBe('KBBB');
    expect(refusals.all()).toMatchObject([{ what: 'observation', place: 'KAAA' }]);
  });

  it('reads each value by itself: an odd one is null, and the others stand', async () => {
    service.stations.set('KAAA', { observedAtMs: nowMs, temperatureC: 1 });
    const degrees = { unitCode: 'wmoUnit:degC', value: 20 };
    service.faults.set('/stations/KAAA', {
      kind: 'body',
      body: {
        properties: {
          timestamp: new Date(nowMs).toISOString(),
          temperature: degrees,
          windSpeed: 'calm',
          relativeHumidity: { unitCode: 'wmoUnit:percent', value: [50] },
          seaLevelPressure: { unitCode: 'wmoUnit:furlongs', value: 3 },
          barometricPressure: { unitCode: 'wmoUnit:Pa', value: '1e999' },
          textDescription: 7,
        },
      },
    });
    expect(await observe()).toMatchObject({
      temperature_f: 68,
      wind_mph: null,
      humidity_pct: null,
      pressure_hpa: null,
      conditions: null,
    });
    expect(refusals.all().map(({ what, reason, place }) => [what, reason, place])).toEqual([
      ['value', 'odd relativeHumidity', 'KAAA'],
      ['value', 'odd windSpeed', 'KAAA'],
      ['value', 'unknown unit of seaLevelPressure', 'KAAA'],
    ]);
  });

  it.each<readonly [string, Fault]>([
    ['fails', { kind: 'status', status: 500 }],
    ['answers a page', { kind: 'html', status: 200 }],
    ['redirects to itself', { kind: 'redirect', to: '/stations/KAAA/observations/latest' }],
  ])('goes on to the next station when one %s', async (_name, fault) => {
    for (const id of ['KAAA', 'KBBB']) service.stations.set(id, { observedAtMs: nowMs, temperatureC: 4 });
    service.faults.set('/stations/KAAA', fault);
    expect((await observe()).station_id).toBe('KBBB');
  });

  it('asks no further than the second station that fails: then it is the service', async () => {
    for (const id of ['KAAA', 'KBBB', 'KCCC', 'KDDD'])
      service.stations.set(id, { observedAtMs: nowMs, temperatureC: 4 });
    service.faults.set('/stations/', { kind: 'status', status: 503 });
    await expect(observe()).rejects.toMatchObject({ kind: 'server-fault' });
    expect(service.count('/stations/')).toBe(2);
  });

  it('fails as the service does, not as one station', async () => {
    service.stations.set('KAAA', { observedAtMs: nowMs, temperatureC: 4 });
    service.faults.set('/stations/', { kind: 'status', status: 503, problem: 'UnavailableWebService' });
    await expect(observe()).rejects.toMatchObject({ kind: 'server-fault' });
    service.faults.clear();
    service.faults.set('/stations/', { kind: 'empty-feature' });
    await expect(observe()).rejects.toMatchObject({ kind: 'unusable-answer' });
    service.faults.clear();
    service.stations.clear();
    await expect(observe()).rejects.toMatchObject({ kind: 'no-data' });
  });
});
