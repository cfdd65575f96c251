import { describe, expect, it } from '@jest/globals';
import { minutesMs, noonMs, reading } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('early_readings', () => {
  it('takes readings from more than a minute ahead, at the time they were seen, and no others', async () => {
    const pipeline = await PipelineDriver.create(noonMs);
    for (const aheadMs of [0, minutesMs(1), minutesMs(4), minutesMs(120)]) pipeline.reading('s1', reading(aheadMs));
    const early = pipeline.read('early-readings');
    expect(early.map(({ key, timestamp }) => [key, timestamp])).toEqual([
      ['s1', noonMs],
      ['s1', noonMs],
    ]);
    expect(early.map(({ value }) => value)).toMatchObject([
      { SENSOR: 's1', AHEAD_MS: minutesMs(4), MEASURED_AT: noonMs + minutesMs(4), SEEN_AT: noonMs },
      { SENSOR: 's1', AHEAD_MS: minutesMs(120), MEASURED_AT: noonMs + minutesMs(120), SEEN_AT: noonMs },
    ]);
  });
});
