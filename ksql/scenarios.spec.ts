import { describe, expect, it } from '@jest/globals';
import type { SensorReading } from '@isobar/contracts';
import { minutesMs, noonMs } from './testing/events.js';
import { PipelineDriver } from './testing/pipeline-driver.js';
import { cities, scenarios, simulate, type Arrival, type Simulation } from './testing/simulated-readings.js';

const startedAtMs = noonMs + minutesMs(5);
const windowMs = minutesMs(5);

/** An hour of readings every 20 seconds; a scenario begins after five minutes. */
const hour = (...names: string[]): Simulation => ({
  seed: 42,
  sensorsPerCity: 4,
  intervalMs: 20_000,
  fromMs: noonMs,
  toMs: noonMs + minutesMs(60),
  scenarios: names.map((name) => ({ name, startedAtMs })),
});

interface Flagging {
  /** Each status but OK, as `NUMBER STATUS`, with the cities where it was seen. */
  readonly cities: Record<string, string[]>;
  /** When each was first seen, at the latest of the cities, in ms since the scenario began. */
  readonly seenAfterMs: Record<string, number>;
}

/** Feeds what arrives; looks at the health of the sensors after each arrival. */
function feed(pipeline: PipelineDriver, arrivals: readonly Arrival[]): Flagging {
  const seen = new Map<string, Map<string, number>>();
  for (const { kind, key, value, atMs } of arrivals) {
    if (kind === 'reading') pipeline.reading(key, value);
    else pipeline.weather(key, value);
    for (const { key: sensorId, value: row } of pipeline.read('sensor-health')) {
      if (row === null || row['STATUS'] === 'OK') continue;
      const name = `${String(sensorId).slice(-2)} ${String(row['STATUS'])}`;
      const inCities = seen.get(name) ?? new Map<string, number>();
      seen.set(name, inCities);
      const city = String(row['CITY_KEY']);
      if (!inCities.has(city)) inCities.set(city, atMs - startedAtMs);
    }
  }
  const entries = [...seen].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    cities: Object.fromEntries(entries.map(([name, inCities]) => [name, [...inCities.keys()].sort()])),
    seenAfterMs: Object.fromEntries(entries.map(([name, inCities]) => [name, Math.max(...inCities.values())])),
  };
}

const everywhere = cities.map(({ id }) => id).sort();

/** What each scenario must show, in every city, and how long after its begin at the latest. Weather is no fault. */
const expectations: Record<string, Record<string, number>> = {
  'normal-day': {},
  'heat-wave': {},
  'cold-snap': {},
  storm: {},
  'wildfire-smoke': {},
  'sensor-silent': { '01 SILENT': windowMs },
  'sensor-stuck': { '01 STUCK': windowMs },
  'sensor-impossible': { '01 IMPOSSIBLE': windowMs },
  // 30 °F an hour: beyond the limit of 15 °F after half an hour, and up to 3 °F more or less for the place of the sensor.
  'sensor-drifting': { '01 FAR': minutesMs(36) + windowMs },
  'sensor-failure': {
    '01 SILENT': windowMs,
    '02 STUCK': windowMs,
    '03 IMPOSSIBLE': windowMs,
    '04 FAR': minutesMs(36) + windowMs,
  },
  'sensor-duplicated': {},
  'sensor-late': {},
  'sensor-out-of-order': {},
};

describe('the scenarios of the simulator, in time-lapse through the pipeline', () => {
  it('are all expected', () => {
    expect(Object.keys(expectations).sort()).toEqual([...scenarios.keys()].sort());
  });

  it.each(Object.entries(expectations))('%s shows its flags and no others', async (name, expected) => {
    const pipeline = await PipelineDriver.create(noonMs + minutesMs(120));
    const { cities: inCities, seenAfterMs } = feed(pipeline, simulate(hour(name)));
    expect(inCities).toEqual(Object.fromEntries(Object.keys(expected).map((flag) => [flag, everywhere])));
    for (const [flag, limitMs] of Object.entries(expected)) expect(seenAfterMs[flag]).toBeLessThanOrEqual(limitMs);
    // 90 seconds late is not too late, whatever the order.
    expect(pipeline.read('late-readings')).toEqual([]);
    expect(pipeline.problems).toEqual([]);
  });

  it('a normal day shows no flag from midnight to midnight', async () => {
    const day = { fromMs: noonMs - minutesMs(12 * 60), toMs: noonMs + minutesMs(12 * 60), intervalMs: 120_000 };
    const pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
    expect(feed(pipeline, simulate({ ...hour('normal-day'), ...day })).cities).toEqual({});
  });

  it('gives the same bytes for the same seed', async () => {
    const run = async (): Promise<string[]> => {
      const pipeline = await PipelineDriver.create(noonMs + minutesMs(120));
      feed(pipeline, simulate({ ...hour('sensor-failure', 'heat-wave'), toMs: noonMs + minutesMs(15) }));
      return ['checked-readings', 'sensor-health', 'city-averages-5m', 'city-conditions'].map((topic) =>
        pipeline.bytes(topic),
      );
    };
    const [first, second] = [await run(), await run()];
    expect(first).toEqual(second);
    expect(first.every((bytes) => bytes.length > 1_000)).toBe(true);
  });
});

describe('three faulty sensors of eight', () => {
  it('are flagged in the window of their fault, and move the mean of the city by less than 0.1', async () => {
    const simulation = { ...hour(), sensorsPerCity: 8, intervalMs: 5_000, toMs: noonMs + minutesMs(20) };
    const isIn = ({ city_key }: SensorReading): boolean => city_key === 'chicago-il';
    const arrivals = simulate(simulation).filter(({ kind, key, value }) =>
      kind === 'reading' ? isIn(value) : key === 'chicago-il',
    );
    const stuckAt = new Map<string, SensorReading>();
    const broken = arrivals.flatMap((arrival): Arrival[] => {
      if (arrival.kind !== 'reading' || arrival.atMs < startedAtMs) return [arrival];
      const { key, value } = arrival;
      if (key === 'chicago-il-01') return [];
      if (key === 'chicago-il-02') {
        const held = stuckAt.get(key) ?? value;
        stuckAt.set(key, held);
        return [{ ...arrival, value: { ...held, event_id: value.event_id, measured_at: value.measured_at } }];
      }
      if (key !== 'chicago-il-03' || value.temperature_fahrenheit === null) return [arrival];
      const far = (value.temperature_fahrenheit + 40) as SensorReading['temperature_fahrenheit'];
      return [{ ...arrival, value: { ...value, temperature_fahrenheit: far } }];
    });

    const faulty = await PipelineDriver.create(noonMs + minutesMs(120));
    const { seenAfterMs } = feed(faulty, broken);
    expect(Object.keys(seenAfterMs)).toEqual(['01 SILENT', '02 STUCK', '03 FAR']);
    for (const afterMs of Object.values(seenAfterMs)) expect(afterMs).toBeLessThanOrEqual(windowMs);

    // The mean of the same readings, had those that were taken been right.
    const counted = new Set(
      faulty
        .read('checked-readings')
        .filter(({ value }) => value?.['FLAG'] === null)
        .map(({ value }) => String(value?.['EVENT_ID'])),
    );
    const sound = await PipelineDriver.create(noonMs + minutesMs(120));
    feed(
      sound,
      arrivals.filter(({ kind, value }) => kind === 'weather' || counted.has(value.event_id)),
    );
    const means = sound.windows('city-averages-5m');
    const moved = [...faulty.windows('city-averages-5m')].map(([window, row]) => {
      expect(row['READING_COUNT']).toBe(means.get(window)?.['READING_COUNT']);
      return Math.abs(Number(row['AVG_TEMP']) - Number(means.get(window)?.['AVG_TEMP']));
    });
    expect(moved).toHaveLength(4);
    expect(Math.max(...moved)).toBeLessThan(0.1);
  });
});
