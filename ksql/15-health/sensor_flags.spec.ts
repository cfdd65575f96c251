import { beforeEach, describe, expect, it } from '@jest/globals';
import { fahrenheit } from '@isobar/contracts';
import { minutesMs, noonMs, reading, secondsMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('sensor_flags', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('counts the readings of a sensor, the flagged and the late among them', () => {
    pipeline.reading('s1', reading(minutesMs(130)));
    pipeline.reading('s1', reading(minutesMs(131), { temperature_fahrenheit: fahrenheit(-500) }));
    pipeline.reading('s1', reading(secondsMs(1)));
    expect(pipeline.table('sensor-flags').get('s1')).toMatchObject({
      CITY_KEY: 'miami-fl',
      FLAG: null,
      LAST_READING_AT: noonMs + minutesMs(131),
      READINGS: 3,
      FLAGGED_READINGS: 1,
      LATE_READINGS: 1,
    });
  });
});
