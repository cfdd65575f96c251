import { beforeEach, describe, expect, it } from '@jest/globals';
import { minutesMs, noonMs, observation } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('weather_latest', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('keeps the newest observation; a value nobody delivered is null, not the one before', () => {
    pipeline.weather('miami-fl', observation(0));
    pipeline.weather('miami-fl', observation(minutesMs(10), { temperature_f: null }));
    const [first, second] = pipeline.read('weather-latest');
    expect(first).toMatchObject({ key: 'miami-fl', value: { TEMPERATURE_F: 81, OBSERVED_AT: noonMs } });
    expect(second).toMatchObject({
      value: { TEMPERATURE_F: null, HUMIDITY_PCT: 62 },
      timestamp: noonMs + minutesMs(10),
    });
  });
});
