import { beforeEach, describe, expect, it } from '@jest/globals';
import { minutesMs, noonMs, observation } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('checked_observations', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
    pipeline.weather('miami-fl', observation(0));
  });

  const written = (field: string, token: string): void =>
    pipeline.raw(
      'weather-data',
      'miami-fl',
      JSON.stringify({ ...observation(minutesMs(1)), [field]: '?' }).replace('"?"', token),
    );
  /** The weather of the city is the good observation's, whatever came after it. */
  const isUntouched = (): void => {
    expect(pipeline.table('weather-latest').get('miami-fl')).toMatchObject({ TEMPERATURE_F: 81, OBSERVED_AT: noonMs });
    expect(pipeline.table('city-conditions').get('miami-fl')).toMatchObject({ WEATHER_TEMPERATURE_F: 81 });
    for (const window of pipeline.windows('forecast-averages-10m').values())
      expect(window).toMatchObject({ RECORD_COUNT: 1, AVG_FORECAST_TEMP: 81 });
  };

  it.each([
    ...['temperature_f', 'humidity_pct', 'wind_mph', 'pressure_hpa'].flatMap((field) =>
      ['1e400', '-1e400', '1e300', '-5000', '"NaN"'].map((token) => [field, token]),
    ),
    ...['1e300', '-1e300', '1e400', '0', '1780315200'].map((token) => ['observed_at', token]),
  ])('%s %s is flagged, counted, and goes no further', (field, token) => {
    written(field ?? '', token ?? '');
    const flags = pipeline.read('checked-observations').map(({ value }) => value?.['FLAG']);
    expect(flags).toEqual([null, 'IMPOSSIBLE']);
    const health = { STATUS: 'IMPOSSIBLE', STATION_ID: 'KMIA', OBSERVATIONS: 2, FLAGGED_OBSERVATIONS: 1 };
    expect(pipeline.table('weather-health').get('miami-fl')).toMatchObject(health);
    isUntouched();
  });

  it.each(['NaN', '"noon"', '{}', '-1', 'null'])('observed_at %s makes a dead letter', (token) => {
    written('observed_at', token);
    expect(pipeline.problems.filter((problem) => problem.includes('CHECKED_OBSERVATIONS'))).toHaveLength(1);
    isUntouched();
  });

  it('takes a value that nobody measured, and none from more than five minutes ahead', () => {
    pipeline.weather('miami-fl', observation(minutesMs(1), { temperature_f: null, humidity_pct: null }));
    pipeline.weather('miami-fl', observation(minutesMs(25 * 60)));
    expect(pipeline.read('checked-observations').map(({ value }) => value?.['FLAG'])).toEqual([null, null]);
  });
});
