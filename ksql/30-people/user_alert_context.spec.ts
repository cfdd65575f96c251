import { beforeEach, describe, expect, it } from '@jest/globals';
import { minutesMs, noonMs, observation, reading, user, warning } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('user_alert_context', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('puts sensors, weather, warnings and limits of a person in one row', () => {
    pipeline.user(user());
    pipeline.weather('miami-fl', observation(minutesMs(1)));
    pipeline.reading('s1', reading(minutesMs(2)));
    const calm = pipeline.table('user-alert-context').get('1');
    expect(calm).toMatchObject({ COMFORT: 'COMFORTABLE', ACTIVE_WARNINGS: 0, WARNINGS: null });
    pipeline.warning('miami-fl/heat', warning(minutesMs(3)));
    const [warned] = pipeline.read('user-alert-context');
    expect(warned).toMatchObject({
      key: 1,
      value: { WEATHER_TEMPERATURE_F: 81, SENSOR_TEMPERATURE_F: 80, ACTIVE_WARNINGS: 1, WARNINGS: ['Heat Advisory'] },
      timestamp: noonMs + minutesMs(3),
    });
    pipeline.warning('miami-fl/heat', warning(minutesMs(4), { status: 'cancelled' }));
    expect(pipeline.table('user-alert-context').get('1')).toMatchObject({ ACTIVE_WARNINGS: 0, WARNINGS: [] });
  });
});
