import { beforeEach, describe, expect, it } from '@jest/globals';
import { minutesMs, noonMs, reading, user } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('user_local_sensors', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('serves every user of a city with its newest reading', () => {
    pipeline.user(user());
    pipeline.user(user({ id: 2, username: 'bob' }));
    pipeline.reading('s1', reading(minutesMs(2)));
    const rows = pipeline.table('user-local-sensors');
    expect([...rows.keys()].sort()).toEqual(['1', '2']);
    expect(rows.get('2')).toMatchObject({ USERNAME: 'bob', LOCATION: 'Miami', MEASURED_AT: noonMs + minutesMs(2) });
  });
});
