import { beforeEach, describe, expect, it } from '@jest/globals';
import { fahrenheit, milesPerHour, percent } from '@isobar/contracts';
import { forecast, limit, minutesMs, noonMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

const kinds = ['TEMPERATURE', 'WIND', 'PRECIPITATION'].flatMap((what) => [
  `FORECAST_${what}_12H`,
  `FORECAST_${what}_24H`,
]);

describe('forecast_signals', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('tells each limit the most, or the least, of the hours that it asks for', () => {
    kinds.forEach((metric, index) => {
      pipeline.limit(limit({ id: 10 + index, metric }));
      pipeline.limit(limit({ id: 20 + index, metric, comparison: 'BELOW' }));
    });
    pipeline.forecast(
      'miami-fl',
      forecast(0, (hour) => ({
        temperature_f: hour === 11 ? fahrenheit(95) : hour === 20 ? fahrenheit(28) : fahrenheit(70),
        // A value that nobody said is none.
        wind_mph: hour === 3 ? null : hour === 13 ? milesPerHour(60) : milesPerHour(10),
        precipitation_pct: hour === 24 ? percent(100) : hour === 5 ? percent(80) : percent(20),
      })),
    );
    const values = new Map([...pipeline.table('forecast-signals')].map(([id, row]) => [id, row['VALUE']]));
    expect(kinds.map((_, index) => [values.get(`${10 + index}`), values.get(`${20 + index}`)])).toEqual([
      [95, 70],
      [95, 28],
      [10, 10],
      [60, 10],
      [80, 20],
      [80, 20],
    ]);
    expect(pipeline.problems).toEqual([]);
  });

  it('an issue that withdraws it says so once, and no hour of the one before it', () => {
    pipeline.limit(limit({ metric: 'FORECAST_TEMPERATURE_12H', comparison: 'BELOW', threshold: 32 }));
    pipeline.forecast(
      'miami-fl',
      forecast(0, () => ({ temperature_f: fahrenheit(25) })),
    );
    pipeline.forecast(
      'miami-fl',
      forecast(minutesMs(60), () => ({ temperature_f: fahrenheit(40) })),
    );
    const rows = pipeline.read('forecast-signals').map(({ value }) => value && [value['VALUE'], value['EVENT_AT']]);
    expect(rows).toEqual([[25, noonMs], null, [40, noonMs + minutesMs(60)]]);
  });

  it('tells a new limit the newest issue at once', () => {
    pipeline.forecast('miami-fl', forecast(0));
    pipeline.limit(limit({ metric: 'FORECAST_WIND_12H' }));
    expect([...pipeline.table('forecast-signals').values()]).toMatchObject([{ VALUE: 5, SOURCE: 'FORECAST' }]);
  });
});
