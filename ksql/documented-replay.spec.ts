import { describe, expect, it } from '@jest/globals';
import { sensorReadingV1 } from '@isobar/contracts';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PipelineDriver } from './testing/pipeline-driver.js';

const page = readFileSync(fileURLToPath(new URL('../docs/how-to/dead-letters.md', import.meta.url)), 'utf8');

describe('the mended reading that the how-to about dead letters replays', () => {
  const [, value = ''] = /dlq replay iot-sensors:\S+ --value '([^']+)'/.exec(page) ?? [];

  it('is a whole reading', () => {
    expect(sensorReadingV1.schema.parse(JSON.parse(value))).toBeDefined();
  });

  it('flows through the queries and becomes no dead letter again', async () => {
    const reading = sensorReadingV1.schema.parse(JSON.parse(value));
    const pipeline = await PipelineDriver.create(reading.measured_at + 1_000);
    pipeline.reading('miami-fl-01', reading);
    expect(pipeline.problems).toEqual([]);
    expect(pipeline.read('checked-readings')).toHaveLength(1);
    expect(pipeline.read('city-conditions')).toMatchObject([{ key: 'miami-fl', value: { SENSOR_TEMPERATURE_F: 70 } }]);
  });
});
