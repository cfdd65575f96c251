import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { clientOf } from '../testing/client-of.js';
import { FakeWeatherService, type Fault } from '../testing/fake-weather-service.js';
import { newYork } from '../testing/new-york.js';
import { Places } from './places.js';
import { Refusals } from './refusals.js';

const dayMs = 86_400_000;
const problem = (status: number, name?: string): Fault => ({
  kind: 'status',
  status,
  ...(name === undefined ? {} : { problem: name }),
});

/** What /points may do; each is the trouble of that place alone. */
const troubles: readonly (readonly [string, Fault])[] = [
  ['404 InvalidPoint', problem(404, 'InvalidPoint')],
  ['500', problem(500, 'UnexpectedProblem')],
  ['503 without a reason', problem(503)],
  ['a page of a proxy', { kind: 'html', status: 200 }],
  ['half a body', { kind: 'half-body' }],
  ['nulls', { kind: 'nulls' }],
  ['an empty feature', { kind: 'empty-feature' }],
  ['text', { kind: 'body', body: 'soon' }],
  ['another content type', { kind: 'body', body: {}, contentType: 'text/plain' }],
  ['a redirect to itself', { kind: 'redirect', to: '/points/40.7128,-74.006' }],
  ['a redirect to nowhere', { kind: 'redirect', to: 'http://' }],
];

describe('where a city lies', () => {
  const service = new FakeWeatherService();
  let nowMs: number;
  let places: Places;
  let refusals: Refusals;
  const asked = () => service.count('/points/');

  beforeAll(() => service.start());
  afterAll(() => service.stop());
  beforeEach(() => {
    nowMs = Date.UTC(2026, 7, 16, 12);
    service.faults.clear();
    service.requests.length = 0;
    service.stations.clear();
    refusals = new Refusals();
    places = new Places(
      clientOf(service, () => nowMs),
      undefined,
      refusals,
      () => nowMs,
    );
  });

  it.each(troubles)('goes on being known, past its age, while /points answers %s', async (_name, fault) => {
    const known = { cell: 'TST/1,1', zones: ['TSZ001', 'TSC001'] };
    expect(await places.placeOf(newYork)).toEqual({ ...known, trouble: undefined });
    nowMs += 3 * dayMs;
    service.faults.set('/points/', fault);
    const kept = await places.placeOf(newYork);
    expect(kept).toMatchObject(known);
    expect(kept.trouble).toBeDefined();
    expect(places.troubleOf(newYork)).toBe(kept.trouble);
    service.faults.clear();
    nowMs += dayMs;
    expect((await places.placeOf(newYork)).trouble).toBeUndefined();
    expect(places.troubleOf(newYork)).toBeUndefined();
  });

  it.each(troubles)('that was never known is asked for again with the next round after %s', async (_name, fault) => {
    service.faults.set('/points/', fault);
    await expect(places.placeOf(newYork)).rejects.toThrow();
    service.faults.clear();
    nowMs += 60_000;
    expect((await places.placeOf(newYork)).cell).toBe('TST/1,1');
  });

  it('that stays refused is asked for ever less often: it must not spend the requests of others', async () => {
    service.faults.set('/points/', problem(404, 'InvalidPoint'));
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      await expect(places.placeOf(newYork)).rejects.toMatchObject({ kind: 'outside-area' });
      nowMs += 60_000;
    }
    expect(asked()).toBeGreaterThan(24 * 3);
    expect(asked()).toBeLessThan(24 * 5);
  });

  it('is read field by field: what is odd is absent', async () => {
    service.faults.set('/points/', {
      kind: 'body',
      body: {
        properties: {
          gridId: '../..',
          cwa: 'OKX',
          gridX: 33,
          gridY: '35',
          forecastZone: 'https://api.weather.gov/zones/forecast/NYZ072',
          county: 'https://api.weather.gov/zones/county/new york,XXC001',
          fireWeatherZone: 12,
          type: 'land',
        },
      },
    });
    expect(await places.placeOf(newYork)).toMatchObject({ cell: 'OKX/33,35', zones: ['NYZ072'] });
    expect(refusals.all()).toMatchObject([{ what: 'zone', place: 'new-york-ny', count: 1 }]);
  });

  it('has stations of which an odd one is left out, and keeps them while the list fails', async () => {
    const station = (stationIdentifier: unknown) => ({ properties: { stationIdentifier } });
    service.faults.set('/gridpoints/TST/1,1/stations', {
      kind: 'body',
      body: { features: [station('KNYC'), station(7), null, station('../x'), station('KNYC'), station('KLGA')] },
    });
    expect(await places.stationsOf(newYork)).toEqual(['KNYC', 'KLGA']);
    expect(refusals.all()).toMatchObject([
      { what: 'station', reason: 'odd stationIdentifier', count: 2 },
      { what: 'station', reason: 'odd element', count: 1 },
    ]);
    nowMs += 2 * dayMs;
    for (const [, fault] of troubles) {
      service.faults.set('/gridpoints/TST/1,1/stations', fault);
      expect(await places.stationsOf(newYork)).toEqual(['KNYC', 'KLGA']);
      nowMs += 20 * 60_000;
    }
  });
});
