import { describe, expect, it } from '@jest/globals';
import type { City } from '@isobar/contracts';
import { dueMeasurements, nextDueMs } from './due-measurements.js';
import { sensorsOf } from './sensor.js';

const city: City = {
  id: 'chicago-il',
  name: 'Chicago',
  state: 'IL',
  latitude: 41.8781,
  longitude: -87.6298,
  timeZone: 'America/Chicago',
};
const sensors = [...sensorsOf(city, 25, 42)].sort((a, b) => a.phase - b.phase);
const startMs = 1_700_000_000_123;
const intervalMs = 5_000;

describe('due measurements', () => {
  it('are one per sensor and interval, in order of time', () => {
    const due = [...dueMeasurements(sensors, startMs, startMs + 4 * intervalMs, intervalMs)];
    expect(due).toHaveLength(4 * sensors.length);
    expect(due.map(({ atMs }) => atMs)).toEqual(due.map(({ atMs }) => atMs).sort((a, b) => a - b));
    const perSensor = Map.groupBy(due, ({ sensor }) => sensor.id);
    for (const moments of perSensor.values()) {
      expect(moments).toHaveLength(4);
      for (let i = 1; i < 4; i += 1) expect((moments[i]?.atMs ?? 0) - (moments[i - 1]?.atMs ?? 0)).toBe(intervalMs);
    }
  });

  it('are the same however the time is cut into pieces', () => {
    const whole = [...dueMeasurements(sensors, startMs, startMs + 20_000, intervalMs)];
    const pieces: typeof whole = [];
    for (let from = startMs, step = 1; from < startMs + 20_000; step = ((step * 7) % 900) + 1) {
      const to = Math.min(from + step, startMs + 20_000);
      pieces.push(...dueMeasurements(sensors, from, to, intervalMs));
      from = to;
    }
    expect(pieces).toEqual(whole);
  });

  it('tell when the next one comes', () => {
    let at = startMs;
    for (const expected of dueMeasurements(sensors, startMs, startMs + 10_000, intervalMs)) {
      if (expected.atMs === at) continue;
      expect(nextDueMs(sensors, at, intervalMs)).toBe(expected.atMs);
      at = expected.atMs;
    }
  });
});
