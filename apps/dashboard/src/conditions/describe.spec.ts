import { describe, expect, it } from '@jest/globals';
import { unknownAir, type CityAir } from '../air-quality/city-air.js';
import { describeAverage, describeCity, describeUserConditions, staleLimits } from './describe.js';
import { readCityConditions, readUserConditions } from './records.js';

const now = 1_700_000_000_000;
const limits = staleLimits(5_000, 60_000);
const sensorHealth = { sensors: 0, flaggedSensors: 0, flagged: [] };
const declared = { id: 'a', name: 'A', state: 'XX', latitude: 0, longitude: 0, timeZone: 'UTC' };

describe('what is shown of a city', () => {
  it('knows nothing of a city nobody reported on', () => {
    const city = describeCity(declared, { record: null, air: unknownAir, people: 0, sensorHealth }, limits, now);
    expect(city.weather.temperatureF).toMatchObject({ value: null, state: 'unknown', source: null, at: null });
    expect(city.sensors.airQuality).toMatchObject({ value: null, state: 'unknown', category: null, band: null });
    expect(city.average).toBeNull();
  });

  it('gives simulated weather a shorter life than a station', () => {
    const weather = (source: string) => {
      const value = { WEATHER_SOURCE: source, WEATHER_OBSERVED_AT: now - 600_000, WEATHER_TEMPERATURE_F: 70 };
      const record = readCityConditions({ key: Buffer.from('a'), value: Buffer.from(JSON.stringify(value)) }).value;
      return describeCity(declared, { record, air: unknownAir, people: 0, sensorHealth }, limits, now).weather
        .temperatureF.state;
    };
    expect(weather('nws')).toBe('live');
    expect(weather('sample')).toBe('stale');
  });

  it('dates an average by the newest reading inside its window', () => {
    const window = {
      WINDOW_START: now - 100_000,
      WINDOW_END: now + 200_000,
      READING_COUNT: 4,
      AVG_TEMP: 70.04,
      AVG_HUMIDITY: null,
      AVG_AQI: 100.4,
      MAX_AQI: 120,
    };
    const average = describeAverage(window, now - 2_000, limits, now);
    expect(average).toMatchObject({
      isOpen: true,
      temperatureF: { at: now - 2_000, state: 'live', source: 'sensors' },
    });
    expect(average.airQuality).toMatchObject({ value: 100, category: 'Moderate' });
    expect(average.humidityPct.state).toBe('unavailable');
    expect(describeAverage(window, now - 2_000, limits, now + 40_000).temperatureF.state).toBe('stale');
  });

  it('takes three intervals, and half a minute at least, for the age of a live value', () => {
    expect(staleLimits(1_000, 60_000)).toMatchObject({ sensorMs: 30_000, sampleWeatherMs: 180_000 });
    expect(staleLimits(20_000, 60_000).sensorMs).toBe(60_000);
  });
});

describe('what is shown of a person', () => {
  const shown = (fields: Record<string, unknown>, air: CityAir = unknownAir) => {
    const value = Buffer.from(JSON.stringify({ CITY_KEY: 'a', ...fields }));
    const record = readUserConditions({ key: Buffer.from('7'), value }).value;
    if (record === null) throw new Error('it is a record');
    return describeUserConditions(7, { record, air }, limits, now);
  };
  const air = (index: number, ageMs: number): CityAir => ({ ...unknownAir, index, at: now - ageMs, sensorsUsed: 3 });

  it.each([
    ['is above their limit', { AQI_LIMIT: 100 }, air(101, 0), 'ABOVE_LIMIT'],
    ['is at their limit', { AQI_LIMIT: 100 }, air(100, 0), 'WITHIN_LIMIT'],
    ['has no limit', {}, air(400, 0), 'WITHIN_LIMIT'],
    ['was above their limit long ago', { AQI_LIMIT: 100 }, air(400, 600_000), 'UNKNOWN'],
    ['is not known', { AQI_LIMIT: 100 }, unknownAir, 'UNKNOWN'],
  ])('says of air that %s what is true now', (_what, fields, given, verdict) => {
    expect(shown(fields, given).air).toBe(verdict);
  });

  it('names the one sensor of its figures, or says that it is one; before any reading it names none', () => {
    const measured = { SENSOR_MEASURED_AT: now, SENSOR_TEMPERATURE_F: 70 };
    expect(shown({ ...measured, SENSOR_ID: 's1' }).sensors.temperatureF.source).toBe('s1');
    expect(shown(measured).sensors.temperatureF.source).toBe('one sensor');
    expect(shown({}).sensors.temperatureF.source).toBeNull();
  });
});
