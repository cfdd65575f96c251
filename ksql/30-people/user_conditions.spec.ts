import { beforeEach, describe, expect, it } from '@jest/globals';
import { airQualityIndex, epochMs, fahrenheit } from '@isobar/contracts';
import { minutesMs, noonMs, observation, reading, user } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('user_conditions', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('serves every user of a city with their own limits; moves and deletes follow', () => {
    pipeline.user(user());
    pipeline.user(user({ id: 2, username: 'bob', temp_high_f: fahrenheit(70), aqi_limit: airQualityIndex(40) }));
    pipeline.weather('miami-fl', observation(minutesMs(1)));
    pipeline.reading('s1', reading(minutesMs(2)));
    const rows = pipeline.table('user-conditions');
    expect(rows.get('1')).toMatchObject({ CITY: 'Miami', COMFORT: 'COMFORTABLE', AIR: 'WITHIN_LIMIT' });
    expect(rows.get('2')).toMatchObject({ SENSOR_TEMPERATURE_F: 80, COMFORT: 'HOT', AIR: 'ABOVE_LIMIT' });
    pipeline.user(user({ id: 2, city_key: 'chicago-il', updated_at_ms: epochMs(noonMs + minutesMs(3)) }));
    pipeline.deleteUser(1, noonMs + minutesMs(3));
    expect(pipeline.read('user-conditions').map(({ key, value }) => [key, value?.['COMFORT']])).toEqual([
      [2, 'UNKNOWN'],
      [1, undefined],
    ]);
  });
});
