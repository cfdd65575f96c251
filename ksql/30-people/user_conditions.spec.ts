import { beforeEach, describe, expect, it } from '@jest/globals';
import { airQualityIndex, epochMs, fahrenheit } from '@isobar/contracts';
import { minutesMs, noonMs, observation, reading, secondsMs, user } from '../testing/events.js';
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

  it.each([
    ['stuck at bad air', (): number => 180],
    ['spiking', (round: number): number => (round % 3 === 0 ? 480 : 44)],
    ['flapping', (round: number): number => (round % 2 === 0 ? 5 : 400)],
  ])('judges the air by what the sensors of the city agree on, one of four %s', (_fault, indexAt) => {
    pipeline.user(user({ aqi_limit: airQualityIndex(100) }));
    const verdicts = new Set<unknown>();
    for (let round = 0; round < 30; round += 1)
      for (let sensor = 1; sensor <= 4; sensor += 1) {
        const index = sensor === 4 ? indexAt(round) : 40 + sensor;
        pipeline.reading(
          `s${sensor}`,
          reading(secondsMs(5 * round) + sensor, { air_quality_index: airQualityIndex(index) }),
        );
        for (const topic of ['user-conditions', 'user-alert-context'])
          for (const { value } of pipeline.read(topic)) {
            verdicts.add(value?.['AIR']);
            if (round > 0) expect([41, 42, 43, 44]).toContain(value?.['AIR_QUALITY_INDEX']);
          }
      }
    expect(verdicts).toEqual(new Set(['UNKNOWN', 'WITHIN_LIMIT']));
  });

  it('follows the air when it changes for all', () => {
    pipeline.user(user({ aqi_limit: airQualityIndex(100) }));
    for (let n = 0; n < 20; n += 1)
      pipeline.reading(`s${n % 4}`, reading(secondsMs(n), { air_quality_index: airQualityIndex(n < 10 ? 44 : 170) }));
    expect(pipeline.table('user-conditions').get('1')).toMatchObject({ AIR: 'ABOVE_LIMIT', AIR_QUALITY_INDEX: 170 });
  });

  it('does not know the air where no sensor tells of it', () => {
    pipeline.user(user());
    pipeline.reading('s1', reading(0, { air_quality_index: null }));
    expect(pipeline.table('user-conditions').get('1')).toMatchObject({ AIR: 'UNKNOWN', AIR_QUALITY_INDEX: null });
    expect(pipeline.problems).toEqual([]);
  });
});
