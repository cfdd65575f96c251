import { expect, it } from '@jest/globals';
import { fahrenheit } from '@isobar/contracts';
import { forecast, minutesMs, noonMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

it('city_forecasts has the 24 hours of the newest whole issue, and nothing of an issue that is coming in', async () => {
  const pipeline = await PipelineDriver.create(noonMs + minutesMs(600));
  const issue = (afterMs: number, from: number) =>
    forecast(afterMs, (hour) => ({ temperature_f: fahrenheit(from + hour) }));
  // Fetched within an hour: the hour that runs is the first of the 24.
  pipeline.forecast('miami-fl', issue(minutesMs(10), 50));
  const [first] = pipeline.table('city-forecasts').values();
  expect(first?.['TEMPERATURES_F']).toEqual(Array.from({ length: 24 }, (_, hour) => 50 + hour));
  const next = issue(minutesMs(70), 80);
  pipeline.forecast('miami-fl', next.slice(0, 7));
  expect(pipeline.read('city-forecasts').map(({ value }) => value)).toEqual([null]);
  pipeline.forecast('miami-fl', next.slice(7));
  expect([...pipeline.table('city-forecasts').values()]).toMatchObject([
    { TEMPERATURES_F: Array.from({ length: 24 }, (_, hour) => 80 + hour), FETCHED_AT: noonMs + minutesMs(70) },
  ]);
  // Days, and what nobody can have fetched yet, are none of it.
  pipeline.forecast('miami-fl', forecast(minutesMs(900)));
  pipeline.forecast(
    'miami-fl',
    forecast(minutesMs(80), () => ({ kind: 'daily' })),
  );
  expect(pipeline.read('city-forecasts')).toEqual([]);
});
