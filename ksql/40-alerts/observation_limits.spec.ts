import { expect, it } from '@jest/globals';
import { limit, minutesMs, noonMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

it('observation_limits has the limits on the station, until nobody asks', async () => {
  const pipeline = await PipelineDriver.create(noonMs + minutesMs(60));
  pipeline.limit(limit());
  pipeline.limit(limit({ id: 2, metric: 'OBSERVED_TEMPERATURE' }));
  pipeline.limit(limit({ id: 3, metric: 'OBSERVED_TEMPERATURE' }));
  pipeline.deleteLimit(3, noonMs + 1);
  expect([...pipeline.table('observation-limits').keys()]).toEqual(['2']);
});
