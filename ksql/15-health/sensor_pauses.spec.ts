import { beforeEach, describe, expect, it } from '@jest/globals';
import { minutesMs, noonMs, reading, secondsMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('sensor_pauses', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('tells a pause once, when 30 seconds and the grace of two minutes are over', () => {
    for (const afterMs of [0, 5, 10].map(secondsMs)) pipeline.reading('s1', reading(afterMs));
    pipeline.reading('s2', reading(secondsMs(160)));
    expect(pipeline.read('sensor-pauses')).toEqual([]);
    pipeline.reading('s2', reading(secondsMs(161)));
    pipeline.reading('s2', reading(secondsMs(166)));
    expect(pipeline.read('sensor-pauses')).toMatchObject([
      { key: 's1', value: { SENSOR: 's1', LAST_READING_AT: noonMs + secondsMs(10) } },
    ]);
  });
});
