import { beforeEach, describe, expect, it } from '@jest/globals';
import { minutesMs, noonMs, reading, secondsMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('late_readings', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('takes what the five-minute windows do not take any more, and nothing else', () => {
    pipeline.reading('s1', reading(minutesMs(128) - 1));
    const afterMs = [minutesMs(128) - secondsMs(90), minutesMs(120), minutesMs(120) - 1, minutesMs(7)];
    for (const each of afterMs) pipeline.reading('s2', reading(each));
    const late = pipeline.read('late-readings');
    expect(late.map(({ value }) => value?.['MEASURED_AT'])).toEqual(
      [minutesMs(120) - 1, minutesMs(7)].map((ms) => noonMs + ms),
    );
    const counted = [...pipeline.windows('city-averages-5m').values()].map((row) => Number(row['READING_COUNT']));
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(3);
  });
});
