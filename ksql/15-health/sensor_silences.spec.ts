import { beforeEach, describe, expect, it } from '@jest/globals';
import { minutesMs, noonMs, reading, secondsMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('sensor_silences', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('holds the last pause of each sensor', () => {
    for (const afterMs of [0, 200, 400].map(secondsMs)) {
      pipeline.reading('s1', reading(afterMs));
      pipeline.reading('s2', reading(afterMs + secondsMs(170)));
    }
    expect(pipeline.table('sensor-silences')).toEqual(
      new Map([
        ['s1', { SILENT_SINCE: noonMs + secondsMs(400), PAUSES: 3 }],
        ['s2', { SILENT_SINCE: noonMs + secondsMs(370), PAUSES: 2 }],
      ]),
    );
  });
});
