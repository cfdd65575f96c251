import { describe, expect, it } from '@jest/globals';
import type { CityCatalog, SensorReading } from '@isobar/contracts';
import { Conditions } from '../apps/dashboard/src/conditions/conditions.js';
import { ConditionsView } from '../apps/dashboard/src/conditions/conditions-view.js';
import { readCityConditions, readSensorHealth, readUserConditions } from '../apps/dashboard/src/conditions/records.js';
import { sentence } from '../apps/dashboard/src/conditions/sentence.js';
import { minutesMs, noonMs, secondsMs, user } from './testing/events.js';
import { PipelineDriver, type Row } from './testing/pipeline-driver.js';
import { cities, simulate, type Arrival } from './testing/simulated-readings.js';

// From the readings of simulated sensors through the queries to what the dashboard shows of them.

const catalog = { all: () => cities, get: (id: string) => cities.find((city) => city.id === id) } as CityCatalog;
const config = { SENSOR_INTERVAL_MS: 5_000, WEATHER_POLL_INTERVAL_MS: 600_000 } as never;
const buffer = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** What is shown at one moment. */
interface Shown {
  readonly atMs: number;
  readonly headline: string;
  readonly indexOf: ReadonlyMap<string, number | null>;
}

/** The pipeline with a dashboard behind it. Ann lives in Chicago and wants no air above 100. */
class Watched {
  private readonly view = new ConditionsView();
  private readonly conditions = new Conditions(this.view, catalog, config);

  private constructor(private readonly pipeline: PipelineDriver) {
    pipeline.user(user({ city_key: 'chicago-il' }));
  }

  static async create(): Promise<Watched> {
    return new Watched(await PipelineDriver.create(noonMs + minutesMs(120)));
  }

  /** Feeds what arrives and looks once a second. */
  watch(arrivals: readonly Arrival[]): Shown[] {
    const shown: Shown[] = [];
    let lookedAtMs = 0;
    for (const { kind, key, value, atMs } of arrivals) {
      if (kind === 'reading') this.pipeline.reading(key, value);
      else this.pipeline.weather(key, value);
      this.follow();
      if (atMs - lookedAtMs < secondsMs(1)) continue;
      lookedAtMs = atMs;
      shown.push(this.look(atMs));
    }
    return shown;
  }

  private follow(): void {
    const rows = (topic: string): [Buffer, Row | null][] =>
      this.pipeline.read(topic).map(({ key, value }) => [Buffer.from(String(key)), value]);
    for (const [key, row] of rows('city-conditions'))
      this.view.applyCity(String(key), readCityConditions({ key, value: buffer(row) }).value);
    for (const [key, row] of rows('sensor-health'))
      this.view.applySensor(String(key), readSensorHealth({ key, value: buffer(row) }).value);
    for (const [key, row] of rows('user-conditions'))
      this.view.applyUser(Number(key), readUserConditions({ key, value: buffer(row) }).value);
  }

  private look(atMs: number): Shown {
    this.view.followAirs(atMs);
    const described = this.conditions.cities(atMs);
    const indexOf = new Map(described.map(({ id, sensors }) => [id, sensors.airQuality.value]));
    const headline = sentence(described);

    const ann = this.conditions.userConditions(1, atMs);
    const ofAnn = described.find(({ id }) => id === 'chicago-il')?.sensors.airQuality;
    expect(ann?.sensors.airQuality).toEqual(ofAnn);
    expect(ann?.air).toBe(
      ofAnn?.state !== 'live' ? 'UNKNOWN' : Number(ofAnn.value) > 100 ? 'ABOVE_LIMIT' : 'WITHIN_LIMIT',
    );
    const worst = /the worst air is in (.+): .*, index (\d+)/.exec(headline);
    if (worst !== null) {
      const indexes = described.map(({ sensors }) => sensors.airQuality.value ?? 0);
      expect(Number(worst[2])).toBe(Math.max(...indexes));
      expect(described.find(({ name }) => name === worst[1])?.sensors.airQuality.value).toBe(Number(worst[2]));
    }
    return { atMs, headline, indexOf };
  }
}

const isFaulty = (key: string): boolean => key.endsWith('-01');
const changed = (reading: SensorReading, index: number): SensorReading => ({
  ...reading,
  air_quality_index: index as SensorReading['air_quality_index'],
});

/** The faults of the first sensor of each city, as changes of what arrives. */
const faults: Record<string, (reading: SensorReading, number: number) => SensorReading[]> = {
  'stuck at clean air': (reading) => [
    { ...changed(reading, 23), temperature_fahrenheit: null, humidity_pct: null, pressure_hpa: null, pm25_ugm3: null },
  ],
  'spiking every 50 seconds': (reading, number) => [number % 10 === 9 ? changed(reading, 480) : reading],
  'flapping between two values': (reading, number) => [changed(reading, number % 2 === 0 ? 5 : 400)],
  'drifting upwards by 20 points a minute': (reading, number) => [
    changed(reading, Math.round((reading.air_quality_index ?? 0) + (20 * number) / 12)),
  ],
  'chattering ten times as often': (reading) => Array.from({ length: 10 }, () => changed(reading, 350)),
  'silent half of the time': (reading, number) => (number % 60 < 30 ? [] : [changed(reading, 300)]),
};

function withFault(fault: string, arrivals: readonly Arrival[]): Arrival[] {
  const bend = faults[fault] ?? ((reading) => [reading]);
  const count = new Map<string, number>();
  return arrivals.flatMap((arrival): Arrival[] => {
    if (arrival.kind !== 'reading' || !isFaulty(arrival.key)) return [arrival];
    const number = count.get(arrival.key) ?? 0;
    count.set(arrival.key, number + 1);
    return bend(arrival.value, number).map((value) => ({ ...arrival, value }));
  });
}

const run = (seed: number, ...names: string[]) =>
  simulate({
    seed,
    sensorsPerCity: 4,
    intervalMs: 5_000,
    fromMs: noonMs,
    toMs: noonMs + minutesMs(5),
    scenarios: names.map((name) => ({ name, startedAtMs: noonMs + minutesMs(1) })),
  });

/** The least and the most that the sound sensors of a city said within the last minute and a half. */
function soundRange(arrivals: readonly Arrival[], cityId: string, atMs: number): [number, number] {
  const indexes = arrivals.flatMap(({ kind, key, value, atMs: when }) =>
    kind === 'reading' && !isFaulty(key) && value.city_key === cityId && when <= atMs && when > atMs - secondsMs(90)
      ? [value.air_quality_index ?? 0]
      : [],
  );
  return [Math.min(...indexes), Math.max(...indexes)];
}

describe.each(Object.keys(faults))('one sensor of four, %s', (fault) => {
  it.each([1, 42])(
    'moves neither number nor headline (seed %d)',
    async (seed) => {
      const arrivals = run(seed);
      const watched = await Watched.create();
      // The first seconds belong to the sensors coming in one by one.
      const shown = watched.watch(withFault(fault, arrivals)).filter(({ atMs }) => atMs >= noonMs + secondsMs(30));
      for (const { atMs, indexOf } of shown)
        for (const [cityId, index] of indexOf) {
          const [least, most] = soundRange(arrivals, cityId, atMs);
          expect(index).toBeGreaterThanOrEqual(least - 3);
          expect(index).toBeLessThanOrEqual(most + 3);
        }
      for (const { id } of cities) expect(changes(shown.map(({ indexOf }) => indexOf.get(id)))).toBeLessThanOrEqual(8);
      expect(changes(shown.map(({ headline }) => headline))).toBeLessThanOrEqual(2);
    },
    60_000,
  );
});

describe('smoke over a stuck sensor', () => {
  it('is shown as it comes, and the headline moves only upwards', async () => {
    const arrivals = run(7, 'wildfire-smoke');
    const watched = await Watched.create();
    const shown = watched.watch(withFault('stuck at clean air', arrivals));
    const last = shown.at(-1);
    for (const { id } of cities) {
      expect(last?.indexOf.get(id)).toBeGreaterThan(170);
      const steps = shown.slice(30).map(({ indexOf }) => indexOf.get(id) ?? 0);
      const backwards = steps.filter((index, step) => index < (steps[step - 1] ?? 0) - 6);
      expect(backwards).toEqual([]);
    }
    expect(last?.headline).toMatch(/the worst air is in .*: (very )?unhealthy, index (1[789]|2\d)\d/);
  }, 60_000);
});

/** How often a value became another. */
const changes = (values: readonly unknown[]): number =>
  values.filter((value, index) => index > 0 && value !== values[index - 1]).length;
