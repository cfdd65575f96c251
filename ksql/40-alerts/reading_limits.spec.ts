import { expect, it } from '@jest/globals';
import { limit, minutesMs, noonMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

it('reading_limits has the limits on sensors, until nobody asks', async () => {
  const pipeline = await PipelineDriver.create(noonMs + minutesMs(60));
  pipeline.limit(limit());
  pipeline.limit(limit({ id: 2, metric: 'AIR_QUALITY_INDEX' }));
  pipeline.limit(limit({ id: 3, metric: 'OBSERVED_TEMPERATURE' }));
  pipeline.deleteLimit(1, noonMs + 1);
  expect([...pipeline.table('reading-limits').keys()]).toEqual(['2']);
});
