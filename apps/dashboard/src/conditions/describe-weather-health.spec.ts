import { describe, expect, it } from '@jest/globals';
import { describeWeatherHealth, type WeatherTrust } from './describe-weather-health.js';

const now = 1_700_000_000_000;
const hourMs = 3_600_000;
const well: WeatherTrust = {
  record: { STATUS: 'OK', STATION_ID: 'KMIA', OBSERVATIONS: 12, FLAGGED_OBSERVATIONS: 2 },
  fastStations: [],
  lastObservedAt: now - hourMs,
  silentAfterMs: 3 * hourMs,
};

describe('the health of the weather of a city', () => {
  it.each<[string, Partial<WeatherTrust>, readonly unknown[]]>([
    ['is well', {}, []],
    [
      'was observed for the last time too long ago',
      { lastObservedAt: now - 4 * hourMs },
      [{ stationId: null, status: 'SILENT', lastReadingAt: now - 4 * hourMs, clockOffsetMs: null }],
    ],
    ['was never observed', { lastObservedAt: null, record: null }, []],
    [
      'is what no instrument measures',
      { record: { STATUS: 'IMPOSSIBLE', STATION_ID: 'KMIA', OBSERVATIONS: 13, FLAGGED_OBSERVATIONS: 3 } },
      [{ stationId: 'KMIA', status: 'IMPOSSIBLE', lastReadingAt: null, clockOffsetMs: null }],
    ],
    [
      'comes from another station, since the clock of the nearest is ahead',
      { fastStations: [{ stationId: 'KOPF', aheadMs: 6 * hourMs }] },
      [{ stationId: 'KOPF', status: 'CLOCK_AHEAD', lastReadingAt: null, clockOffsetMs: 6 * hourMs }],
    ],
    ['has a word that came later than this page', { record: { ...well.record!, STATUS: 'ODD' } }, []],
  ])('when it %s', (_what, change, flagged) => {
    expect(describeWeatherHealth({ ...well, ...change }, now).flagged).toEqual(flagged);
  });

  it('counts what was checked and left out', () => {
    expect(describeWeatherHealth(well, now)).toMatchObject({ observations: 12, flaggedObservations: 2 });
    expect(describeWeatherHealth({ ...well, record: null }, now)).toMatchObject({
      observations: 0,
      flaggedObservations: 0,
    });
  });
});
