import { beforeEach, describe, expect, it } from '@jest/globals';
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
});
