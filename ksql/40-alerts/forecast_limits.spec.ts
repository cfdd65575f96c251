import { expect, it } from '@jest/globals';
import { limit, minutesMs, noonMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

it('forecast_limits has the limits on the forecast, until nobody asks', async () => {
  const pipeline = await PipelineDriver.create(noonMs + minutesMs(60));
  pipeline.limit(limit());
  pipeline.limit(limit({ id: 2, metric: 'FORECAST_WIND_24H' }));
  pipeline.limit(limit({ id: 3, metric: 'FORECAST_TEMPERATURE_12H' }));
  pipeline.deleteLimit(3, noonMs + 1);
  expect([...pipeline.table('forecast-limits').keys()]).toEqual(['2']);
});
