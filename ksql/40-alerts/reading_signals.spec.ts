import { beforeEach, describe, expect, it } from '@jest/globals';
import { airQualityIndex, fahrenheit } from '@isobar/contracts';
import { limit, minutesMs, noonMs, reading, secondsMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('reading_signals', () => {
  let pipeline: PipelineDriver;
  const signals = () => pipeline.read('reading-signals').map(({ key, value }) => [key, value?.['VALUE'] ?? null]);
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('tells a limit the value of its city, with time and origin', () => {
    pipeline.limit(limit());
    pipeline.reading('s1', reading(secondsMs(5), { temperature_fahrenheit: fahrenheit(93.5) }));
    expect([...pipeline.table('reading-signals')]).toEqual([
      [
        '1',
        {
          CITY_KEY: 'miami-fl',
          METRIC: 'SENSOR_TEMPERATURE',
          SOURCE: 'SENSORS',
          VALUE: 93.5,
          EVENT_AT: noonMs + secondsMs(5),
          EVENT_ID: reading(secondsMs(5)).event_id,
          ORIGIN: 's1',
        },
      ],
    ]);
  });

  it('writes a row for each limit of the city and reading, and no other', () => {
    for (let id = 1; id <= 40; id += 1)
      pipeline.limit(
        limit({
          id,
          threshold: id,
          metric: ['SENSOR_TEMPERATURE', 'AIR_QUALITY_INDEX', 'OBSERVED_TEMPERATURE'][id % 3] ?? '',
          city_key: id > 30 ? 'chicago-il' : 'miami-fl',
        }),
      );
    pipeline.read('reading-signals');
    const readings = 10;
    for (let n = 0; n < readings; n += 1) pipeline.reading('s1', reading(secondsMs(5 * n)));
    // Of 30 limits in Miami a third is the station's.
    expect(signals()).toHaveLength(20 * readings);
    expect(pipeline.problems).toEqual([]);
  });

  it('takes the middle of the last readings, so that one sensor alone says nothing', () => {
    pipeline.limit(limit());
    pipeline.limit(limit({ id: 2, metric: 'AIR_QUALITY_INDEX', threshold: 100 }));
    for (let n = 0; n < 8; n += 1)
      pipeline.reading(
        `s${n % 4}`,
        reading(secondsMs(n), {
          temperature_fahrenheit: fahrenheit(n % 4 === 0 ? 130 : 80 + n),
          air_quality_index: airQualityIndex(n % 4 === 0 ? 900 : 50),
        }),
      );
    expect(signals().slice(-2).sort()).toEqual([
      [1, 85],
      [2, 50],
    ]);
  });

  it('tells a new limit the value at once, follows a change, and forgets a limit that is gone', () => {
    pipeline.reading('s1', reading(0, { temperature_fahrenheit: fahrenheit(91) }));
    pipeline.limit(limit());
    expect(signals()).toEqual([[1, 91]]);
    pipeline.limit(limit({ threshold: 95 }));
    expect(signals()).toEqual([[1, 91]]);
    pipeline.deleteLimit(1, noonMs);
    expect(signals()).toEqual([[1, null]]);
    pipeline.reading('s1', reading(secondsMs(5)));
    expect(signals()).toEqual([]);
  });
});
