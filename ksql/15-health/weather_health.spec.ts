import { expect, it } from '@jest/globals';
import { fahrenheit } from '@isobar/contracts';
import { minutesMs, noonMs, observation } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

it('weather_health says what is wrong with the newest observation, and that it is over', async () => {
  const pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  const rows: unknown[] = [];
  for (const [minute, temperature] of [81, 999, 82].entries()) {
    pipeline.weather('miami-fl', observation(minutesMs(minute), { temperature_f: fahrenheit(temperature) }));
    const row = pipeline.table('weather-health').get('miami-fl');
    rows.push([row?.['STATUS'], row?.['OBSERVATIONS'], row?.['FLAGGED_OBSERVATIONS']]);
  }
  expect(rows).toEqual([
    ['OK', 1, 0],
    ['IMPOSSIBLE', 2, 1],
    ['OK', 3, 1],
  ]);
});
