import { beforeEach, describe, expect, it } from '@jest/globals';
import { airQualityIndex, fahrenheit } from '@isobar/contracts';
import { minutesMs, noonMs, reading, secondsMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('sensor_health', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  const status = (): unknown => pipeline.table('sensor-health').get('s1')?.['STATUS'];

  it('says what is wrong with a sensor, and that it is over', () => {
    pipeline.reading('s1', reading(0));
    expect(status()).toBe('OK');
    pipeline.reading('s1', reading(secondsMs(5), { temperature_fahrenheit: fahrenheit(999) }));
    expect(status()).toBe('IMPOSSIBLE');
    pipeline.reading('s2', reading(secondsMs(156)));
    expect(status()).toBe('SILENT');
    pipeline.reading('s1', reading(secondsMs(160)));
    expect(status()).toBe('OK');
  });

  it('carries the air of the newest reading, also when that is not known', () => {
    const index = (): unknown => pipeline.table('sensor-health').get('s1')?.['AIR_QUALITY_INDEX'];
    pipeline.reading('s1', reading(0, { air_quality_index: airQualityIndex(174) }));
    expect(index()).toBe(174);
    pipeline.reading('s1', reading(1, { air_quality_index: null }));
    expect(index()).toBeNull();
  });

  it('names a clock that is ahead, with the figure, and that it was set right', () => {
    pipeline.passTo(noonMs);
    pipeline.reading('s1', reading(minutesMs(4)));
    expect(pipeline.table('sensor-health').get('s1')).toMatchObject({ STATUS: 'CLOCK_AHEAD', AHEAD_MS: minutesMs(4) });
    pipeline.reading('s1', reading(secondsMs(5)));
    expect(pipeline.table('sensor-health').get('s1')).toMatchObject({ STATUS: 'OK', AHEAD_MS: null });
  });

  it('names a sensor whose last three readings are behind its neighbours, not one whose last one was late', () => {
    const statuses: unknown[] = [];
    for (let n = 0; n < 5; n += 1) {
      pipeline.reading('s2', reading(minutesMs(20) + secondsMs(5 * n)));
      pipeline.reading('s1', reading(minutesMs(n === 0 ? 20 : 10) + secondsMs(5 * n)));
      statuses.push(status());
    }
    expect(statuses).toEqual(['OK', 'OK', 'OK', 'CLOCK_BEHIND', 'CLOCK_BEHIND']);
  });

  it('does not call a sensor silent that speaks every two minutes', () => {
    for (let minute = 0; minute < 20; minute += 2) {
      pipeline.reading('s1', reading(minutesMs(minute)));
      pipeline.reading('s2', reading(minutesMs(minute + 1)));
    }
    expect(new Set(pipeline.read('sensor-health').map(({ value }) => value?.['STATUS']))).toEqual(new Set(['OK']));
  });
});
