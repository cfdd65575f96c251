import { beforeEach, describe, expect, it } from '@jest/globals';
import { fahrenheit, percent } from '@isobar/contracts';
import { minutesMs, noonMs, reading } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('city_averages_1h', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('averages the good readings of an hour; ten minutes after its end it is final', () => {
    pipeline.reading('s1', reading(minutesMs(1)));
    pipeline.reading('s1', reading(minutesMs(2), { humidity_pct: percent(-40) }));
    pipeline.reading('s2', reading(minutesMs(59), { temperature_fahrenheit: fahrenheit(84) }));
    pipeline.reading('s1', reading(minutesMs(69)));
    pipeline.reading('s2', reading(minutesMs(30), { temperature_fahrenheit: fahrenheit(82) }));
    pipeline.reading('s1', reading(minutesMs(70)));
    pipeline.reading('s2', reading(minutesMs(31), { temperature_fahrenheit: fahrenheit(90) }));
    expect(pipeline.windows('city-averages-1h').get(`miami-fl ${noonMs}`)).toMatchObject({
      WINDOW_END: noonMs + minutesMs(60),
      READING_COUNT: 3,
      AVG_TEMP: 82,
      MIN_TEMP: 80,
      MAX_TEMP: 84,
    });
  });
});
