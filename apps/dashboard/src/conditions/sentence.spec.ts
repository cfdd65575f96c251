import { describe, expect, it } from '@jest/globals';
import { unknownAir, type CityAir } from '../air-quality/city-air.js';
import { describeCity, staleLimits } from './describe.js';
import { readCityConditions } from './records.js';
import { sentence } from './sentence.js';

const now = 1_700_000_000_000;
const limits = staleLimits(5_000, 60_000);
const sensorHealth = { sensors: 0, flaggedSensors: 0, flagged: [] };

function city(name: string, fields: Record<string, unknown> | null, air: CityAir = unknownAir) {
  const id = name.toLowerCase();
  const record =
    fields && readCityConditions({ key: Buffer.from(id), value: Buffer.from(JSON.stringify(fields)) }).value;
  const declared = { id, name, state: 'XX', latitude: 0, longitude: 0, timeZone: 'UTC' };
  return describeCity(declared, { record, air, people: 0, sensorHealth }, limits, now);
}
const sensors = (ageMs = 0) => ({ SENSOR_ID: 's', SENSOR_MEASURED_AT: now - ageMs, SENSOR_TEMPERATURE_F: 70 });
const air = (index: number, ageMs = 0): CityAir => ({ ...unknownAir, index, at: now - ageMs, sensorsUsed: 3 });
const weather = (source: string) => ({ WEATHER_SOURCE: source, WEATHER_OBSERVED_AT: now, WEATHER_TEMPERATURE_F: 70 });

describe('the opening sentence', () => {
  it.each([
    [[], 'No cities yet. Add one to start watching.'],
    [[city('Ann', null)], 'No sensor of the one city reports at the moment; no weather has come in yet.'],
    [
      [
        city('Ann', { ...sensors(), ...weather('nws') }, air(20)),
        city('Bob', { ...sensors(), ...weather('nws') }, air(50)),
      ],
      'All 2 cities report live; the air is good in each of them.',
    ],
    [
      [
        city('Ann', { ...sensors(), ...weather('sample') }, air(20)),
        city('Bob', { ...sensors(), ...weather('sample') }, air(151)),
      ],
      'All 2 cities report live; the worst air is in Bob: unhealthy, index 151; the weather is simulated, because weather.gov was not reached.',
    ],
    [
      [
        city('Ann', { ...sensors(), ...weather('sample') }, air(20)),
        city('Bob', { ...sensors(61_000), ...weather('nws') }, air(400, 61_000)),
      ],
      '1 of 2 cities reports live; its air is good; the weather of 1 city is simulated.',
    ],
  ])('%#', (cities, text) => {
    expect(sentence(cities)).toBe(text);
  });
});
