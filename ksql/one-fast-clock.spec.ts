import { describe, expect, it } from '@jest/globals';
import { minutesMs, noonMs, secondsMs } from './testing/events.js';
import { PipelineDriver } from './testing/pipeline-driver.js';
import { simulate } from './testing/simulated-readings.js';

const sum = (rows: Iterable<Readonly<Record<string, unknown>>>, column: string): number =>
  [...rows].reduce((total, row) => total + Number(row[column]), 0);

/** Twenty minutes of two cities, the first sensor of Chicago with a clock that is `aheadMs` ahead. */
async function run(aheadMs: number) {
  const pipeline = await PipelineDriver.create(noonMs);
  const arrivals = simulate({
    seed: 42,
    sensorsPerCity: 3,
    intervalMs: 10_000,
    fromMs: noonMs,
    toMs: noonMs + minutesMs(20),
    scenarios: [],
  });
  let others = 0;
  for (const { kind, key, value, atMs } of arrivals) {
    pipeline.passTo(atMs);
    if (kind === 'weather') pipeline.weather(key, value);
    else if (key === 'chicago-il-01') {
      const measured_at = (value.measured_at + aheadMs) as typeof value.measured_at;
      pipeline.reading(key, { ...value, measured_at });
    } else {
      others += 1;
      pipeline.reading(key, value);
    }
  }
  return { pipeline, others };
}

describe.each([
  ['at the edge of the bound', minutesMs(5)],
  ['four minutes ahead', minutesMs(4)],
  ['fifty-five minutes ahead', minutesMs(55)],
  ['two hours ahead', minutesMs(120)],
])('one sensor whose clock is %s', (_name, aheadMs) => {
  it("makes nobody else's readings late, in no window, session or flag", async () => {
    const { pipeline, others } = await run(aheadMs);
    expect(pipeline.read('late-readings')).toEqual([]);
    for (const topic of ['city-averages-5m', 'city-averages-1h'])
      expect(sum(pipeline.windows(topic).values(), 'READING_COUNT')).toBe(others);
    const sessions = pipeline.windows('sensor-sessions-30s');
    expect(sum(sessions.values(), 'READINGS_IN_SESSION')).toBe(others);
    expect(sessions.size).toBe(5);
    expect(pipeline.read('sensor-pauses')).toEqual([]);
    const health = pipeline.table('sensor-health');
    const found = [...health].filter(([, row]) => row['STATUS'] !== 'OK');
    expect(found.map(([id, row]) => [id, row['STATUS'], row['AHEAD_MS']])).toEqual(
      aheadMs > minutesMs(5) ? [] : [['chicago-il-01', 'CLOCK_AHEAD', aheadMs]],
    );
    const early = pipeline.read('early-readings');
    expect(new Set(early.map(({ key }) => key))).toEqual(new Set(['chicago-il-01']));
    expect(early.every(({ timestamp }) => timestamp <= noonMs + minutesMs(20) + secondsMs(1))).toBe(true);
    // Nothing that Kafka would refuse for its time.
    for (const topic of ['city-sensors', 'sensor-signals', 'checked-readings', 'sensor-flags', 'city-conditions'])
      for (const { timestamp } of pipeline.read(topic))
        expect(timestamp).toBeLessThanOrEqual(noonMs + minutesMs(25) + secondsMs(1));
    expect(pipeline.problems).toEqual([]);
  }, 60_000);
});

it('a reading writes a row or two into each table and stream behind it, and none into those for faults', async () => {
  const { pipeline, others } = await run(0);
  const readings = others + 121;
  const rows = (topic: string): number => pipeline.read(topic).length;
  for (const topic of ['late-readings', 'early-readings', 'sensor-pauses']) expect(rows(topic)).toBe(0);
  for (const topic of ['checked-readings', 'sensor-flags', 'sensor-health', 'city-sensors'])
    expect(rows(topic)).toBeLessThanOrEqual(1.02 * readings);
}, 60_000);
