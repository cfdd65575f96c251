import { beforeEach, describe, expect, it } from '@jest/globals';
import { fahrenheit } from '@isobar/contracts';
import { limit, minutesMs, noonMs, observation } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('observation_signals', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('writes a row for each limit of the city and observation, and no other', () => {
    for (let id = 1; id <= 12; id += 1)
      pipeline.limit(
        limit({
          id,
          threshold: id,
          metric: id % 2 === 0 ? 'OBSERVED_TEMPERATURE' : 'SENSOR_TEMPERATURE',
          city_key: id > 8 ? 'chicago-il' : 'miami-fl',
        }),
      );
    for (let n = 0; n < 5; n += 1) pipeline.weather('miami-fl', observation(minutesMs(n)));
    expect(pipeline.read('observation-signals')).toHaveLength(4 * 5);
    expect(pipeline.problems).toEqual([]);
  });

  it('tells value, time and origin; what no instrument can have seen tells nothing', () => {
    pipeline.limit(limit({ metric: 'OBSERVED_TEMPERATURE' }));
    pipeline.weather('miami-fl', observation(0, { temperature_f: fahrenheit(95) }));
    pipeline.weather('miami-fl', observation(minutesMs(1), { temperature_f: fahrenheit(999) }));
    expect([...pipeline.table('observation-signals').values()]).toEqual([
      {
        CITY_KEY: 'miami-fl',
        METRIC: 'OBSERVED_TEMPERATURE',
        SOURCE: 'OBSERVATION',
        VALUE: 95,
        EVENT_AT: noonMs,
        EVENT_ID: `miami-fl@${noonMs}`,
        ORIGIN: 'nws',
      },
    ]);
  });
});
