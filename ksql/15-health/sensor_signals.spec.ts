import { beforeEach, describe, expect, it } from '@jest/globals';
import { fahrenheit } from '@isobar/contracts';
import { minutesMs, noonMs, reading, secondsMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('sensor_signals', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('counts the different ones among the last twelve readings', () => {
    for (let n = 0; n < 12; n += 1)
      pipeline.reading('s1', reading(secondsMs(5 * n), { temperature_fahrenheit: fahrenheit(n < 6 ? 80 + n : 86) }));
    const moving = pipeline.table('sensor-signals').get('s1');
    expect(moving).toEqual({ RECENT_READINGS: 12, RECENT_MOMENTS: 12, RECENT_VALUES: 7 });
    for (let n = 12; n < 18; n += 1)
      pipeline.reading('s1', reading(secondsMs(5 * n), { temperature_fahrenheit: fahrenheit(86) }));
    expect(pipeline.table('sensor-signals').get('s1')).toMatchObject({ RECENT_READINGS: 12, RECENT_VALUES: 1 });
  });
});
