import type { Sensor } from './sensor.js';

/** A sensor and the moment at which it measures, in epoch milliseconds. */
export interface Measurement {
  readonly sensor: Sensor;
  readonly atMs: number;
}

/**
 * Which sensors measure within (fromMs, toMs], in order of time. A sensor measures once in each interval, at its phase; the
 * intervals are counted from the epoch, so the moments depend on nothing but the time.
 *
 * @param sensors sorted by phase
 */
export function* dueMeasurements(
  sensors: readonly Sensor[],
  fromMs: number,
  toMs: number,
  intervalMs: number,
): Generator<Measurement> {
  if (sensors.length === 0) return;
  for (let start = Math.floor(fromMs / intervalMs) * intervalMs; start <= toMs; start += intervalMs) {
    for (
      let index = start >= fromMs ? 0 : firstAfter(sensors, fromMs - start, intervalMs);
      index < sensors.length;
      index += 1
    ) {
      const sensor = sensors[index] as Sensor;
      const atMs = start + offsetMs(sensor, intervalMs);
      if (atMs > toMs) break;
      if (atMs > fromMs) yield { sensor, atMs };
    }
  }
}

const offsetMs = (sensor: Sensor, intervalMs: number): number => Math.floor(sensor.phase * (intervalMs - 1));

/** The first sensor that measures later than `afterMs` into the interval (binary search). */
function firstAfter(sensors: readonly Sensor[], afterMs: number, intervalMs: number): number {
  let low = 0;
  let high = sensors.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (offsetMs(sensors[middle] as Sensor, intervalMs) > afterMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** When the next sensor measures after `afterMs`. */
export function nextDueMs(sensors: readonly Sensor[], afterMs: number, intervalMs: number): number {
  const start = Math.floor(afterMs / intervalMs) * intervalMs;
  const next = sensors[firstAfter(sensors, afterMs - start, intervalMs)];
  if (next !== undefined) return start + offsetMs(next, intervalMs);
  return start + intervalMs + (sensors[0] === undefined ? 0 : offsetMs(sensors[0], intervalMs));
}
