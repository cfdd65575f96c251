import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { canonical, Places } from '../nws/places.js';
import { clientOf } from '../testing/client-of.js';
import { FakeWeatherService } from '../testing/fake-weather-service.js';
import { newYork } from '../testing/new-york.js';
import { NationalWeatherSource } from './national-weather-source.js';

describe('the latest observation of a city', () => {
  const service = new FakeWeatherService();
  const nowMs = 1_700_000_000_000;
  const minute = 60_000;
  const source = () => {
    const client = clientOf(service, () => nowMs);
    return new NationalWeatherSource(client, new Places(client), () => nowMs);
  };
  const observe = async () => (await source().observe(newYork)).value;

  beforeAll(() => service.start());
  afterAll(() => service.stop());
  beforeEach(() => {
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
