import { beforeEach, describe, expect, it } from '@jest/globals';
import { minutesMs, noonMs, reading, secondsMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('sensor_sessions_30s', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('ends a session after a pause of more than 30 seconds, and merges two that a late reading joins', () => {
    for (const afterMs of [0, 30, 70].map(secondsMs)) pipeline.reading('s1', reading(afterMs));
    const sessions = (): number[] =>
      [...pipeline.windows('sensor-sessions-30s').values()].map((row) => Number(row['READINGS_IN_SESSION']));
    expect(sessions()).toEqual([2, 1]);
    pipeline.reading('s1', reading(secondsMs(50)));
    expect(sessions()).toEqual([4]);
  });
});
