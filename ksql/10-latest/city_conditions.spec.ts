import { beforeEach, describe, expect, it } from '@jest/globals';
import { fahrenheit } from '@isobar/contracts';
import { minutesMs, noonMs, observation, reading } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('city_conditions', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('has a row for a city that only one side knows, and both sides when they are there', () => {
    pipeline.reading('s1', reading(0));
    expect(pipeline.table('city-conditions').get('miami-fl')).toMatchObject({
      CITY: 'Miami',
      WEATHER_TEMPERATURE_F: null,
      SENSOR_TEMPERATURE_F: 80,
    });
    pipeline.weather('miami-fl', observation(minutesMs(1)));
    const [row] = pipeline.read('city-conditions');
    expect(row).toMatchObject({
      value: { WEATHER_TEMPERATURE_F: 81, SENSOR_TEMPERATURE_F: 80, RECENT_TEMPERATURES_F: [80] },
      timestamp: noonMs + minutesMs(1),
    });
  });

  it('keeps two cities of one name apart, each by its state', () => {
    const place = (city_key: string, state: string) => ({ city_key, location: 'Portland', state });
    pipeline.reading('s1', reading(0, { ...place('portland-or', 'OR'), temperature_fahrenheit: fahrenheit(61) }));
    pipeline.reading('s2', reading(1, { ...place('portland-me', 'ME'), temperature_fahrenheit: fahrenheit(48) }));
    pipeline.weather('portland-me', observation(2, { city: 'Portland', state: 'ME', temperature_f: fahrenheit(47) }));
    const rows = pipeline.table('city-conditions');
    expect([...rows.keys()].sort()).toEqual(['portland-me', 'portland-or']);
    expect(rows.get('portland-or')).toMatchObject({
      CITY: 'Portland',
      STATE: 'OR',
      SENSOR_TEMPERATURE_F: 61,
      WEATHER_TEMPERATURE_F: null,
    });
    expect(rows.get('portland-me')).toMatchObject({ STATE: 'ME', SENSOR_TEMPERATURE_F: 48, WEATHER_TEMPERATURE_F: 47 });
  });
});
