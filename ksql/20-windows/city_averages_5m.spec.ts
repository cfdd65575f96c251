import { beforeEach, describe, expect, it } from '@jest/globals';
import { fahrenheit } from '@isobar/contracts';
import { minutesMs, noonMs, reading, secondsMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('city_averages_5m', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('averages the good readings of five minutes, and takes one that is 90 seconds late', () => {
    pipeline.reading('s1', reading(minutesMs(1)));
    pipeline.reading('s2', reading(minutesMs(2), { temperature_fahrenheit: fahrenheit(999) }));
    pipeline.reading('s1', reading(minutesMs(6)));
    pipeline.reading('s2', reading(minutesMs(6) - secondsMs(90), { temperature_fahrenheit: fahrenheit(82) }));
    const windows = pipeline.windows('city-averages-5m');
    expect(windows.get(`miami-fl ${noonMs}`)).toMatchObject({
      CITY_ID: 'miami-fl',
      WINDOW_END: noonMs + minutesMs(5),
      READING_COUNT: 2,
      AVG_TEMP: 81,
      MAX_AQI: 44,
    });
    expect(windows.size).toBe(2);
  });

  it('knows no average of what nobody measured', () => {
    pipeline.reading('s1', reading(0, { temperature_fahrenheit: null, air_quality_index: null }));
    const unknown = { AVG_TEMP: null, AVG_HUMIDITY: 60, AVG_AQI: null, MAX_AQI: null };
    for (const topic of ['city-averages-5m', 'city-averages-1h'])
      expect([...pipeline.windows(topic).values()]).toEqual([expect.objectContaining(unknown)]);
  });
});
