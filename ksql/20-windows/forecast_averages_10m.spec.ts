import { beforeEach, describe, expect, it } from '@jest/globals';
import { fahrenheit } from '@isobar/contracts';
import { minutesMs, noonMs, observation } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('forecast_averages_10m', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('counts an observation in the two windows it falls into', () => {
    pipeline.weather('miami-fl', observation(minutesMs(6)));
    pipeline.weather('miami-fl', observation(minutesMs(11), { temperature_f: fahrenheit(83) }));
    const averages = [...pipeline.windows('forecast-averages-10m')].map(([window, row]) => [
      window,
      row['AVG_FORECAST_TEMP'],
    ]);
    expect(averages).toEqual([
      [`miami-fl ${noonMs}`, 81],
      [`miami-fl ${noonMs + minutesMs(5)}`, 82],
      [`miami-fl ${noonMs + minutesMs(10)}`, 83],
    ]);
  });
});
