import { describe, expect, it } from '@jest/globals';
import { readCities, type SensorReading } from '@isobar/contracts';
import { pino } from 'pino';
import { fileURLToPath } from 'node:url';
import { dueMeasurements } from '../fleet/due-measurements.js';
import { Fleet } from '../fleet/fleet.js';
import { SimulatedClock } from '../publishing/simulated-clock.js';
import { PublishReadings } from '../publishing/publish-readings.js';
import { normalSignal, toReading } from '../signal/reading.js';
import { ActiveScenarios } from './active-scenarios.js';
import { readScenarios } from './scenario.js';

const config = (name: string): string => fileURLToPath(new URL(`../../../../config/${name}`, import.meta.url));
const cities = readCities(config('cities.json'));
const scenarios = readScenarios(config('scenarios'));
const startMs = Date.parse('2026-06-01T15:00:00Z');
const intervalMs = 60_000;
/** Readings of one sensor in the two hours. */
const perSensor = 120;
const seed = 42;

/** Two hours of readings under the scenarios, as they would be sent. */
function run(...names: string[]): { sent: SensorReading[]; delays: number[] } {
  const fleet = new Fleet(4, seed);
  fleet.standIn(cities);
  const active = new ActiveScenarios();
  for (const name of names) {
    const scenario = scenarios.get(name);
    if (scenario === undefined) throw new Error(`no scenario ${name}`);
    active.start(scenario, startMs);
  }
  const sent: SensorReading[] = [];
  const delays: number[] = [];
  for (const { sensor, atMs } of dueMeasurements(fleet.all(), startMs, startMs + 7_200_000, intervalMs)) {
    const signal = active.bend(sensor, atMs, normalSignal(sensor, atMs, seed));
    for (const { reading, delayMs } of active.deliver(sensor, toReading(sensor, atMs, signal))) {
      sent.push(reading);
      delays.push(delayMs);
    }
  }
  return { sent, delays };
}

const normal = run('normal-day').sent;
const byId = new Map(normal.map((reading) => [reading.event_id, reading]));
const last = (readings: SensorReading[]) => readings.slice(-20);
const mean = (readings: SensorReading[], field: 'temperature_fahrenheit' | 'pressure_hpa' | 'air_quality_index') =>
  readings.reduce((sum, reading) => sum + (reading[field] ?? 0), 0) / readings.length;
/** The sensor of a reading: its event id is that of the normal day. */
const changed = (readings: SensorReading[]) =>
  readings.filter((reading) => JSON.stringify(byId.get(reading.event_id)) !== JSON.stringify(reading));

describe('scenarios', () => {
  it('are the same bytes for the same seed, and a normal day changes nothing', () => {
    expect(JSON.stringify(run('heat-wave', 'sensor-stuck').sent)).toBe(
      JSON.stringify(run('heat-wave', 'sensor-stuck').sent),
    );
    expect(JSON.stringify(normal)).toBe(JSON.stringify(run().sent));
    expect(normal).toHaveLength(20 * perSensor);
  });

  it.each<[string, 'temperature_fahrenheit' | 'pressure_hpa' | 'air_quality_index', number]>([
    ['heat-wave', 'temperature_fahrenheit', 25],
    ['cold-snap', 'temperature_fahrenheit', -30],
    ['wildfire-smoke', 'air_quality_index', 130],
    ['storm', 'pressure_hpa', -15],
  ])('%s moves %s by %d and more in every city', (name, field, by) => {
    const { sent } = run(name);
    for (const { id } of cities) {
      const own = (readings: SensorReading[]) => last(readings.filter(({ city_key }) => city_key === id));
      const moved = mean(own(sent), field) - mean(own(normal), field);
      expect(by > 0 ? moved : -moved).toBeGreaterThanOrEqual(Math.abs(by));
    }
  });

  it('silence, stick, spoil and shift one sensor of each city, and no other', () => {
    expect(run('sensor-silent').sent).toHaveLength(normal.length - 5 * perSensor);
    const stuck = changed(run('sensor-stuck').sent);
    expect(
      new Set(stuck.map(({ city_key, temperature_fahrenheit }) => `${city_key} ${temperature_fahrenheit}`)).size,
    ).toBe(5);
    const impossible = changed(run('sensor-impossible').sent);
    expect(impossible).toHaveLength(5 * perSensor);
    expect(impossible.every(({ temperature_fahrenheit }) => temperature_fahrenheit === 999)).toBe(true);
    const [drifted] = changed(run('sensor-drifting').sent).slice(-1);
    const expected = byId.get(drifted?.event_id ?? '')?.temperature_fahrenheit ?? 0;
    expect((drifted?.temperature_fahrenheit ?? 0) - expected).toBeGreaterThan(55);
  });

  it('deliver twice, late and out of order without changing a reading', () => {
    const twice = run('sensor-duplicated').sent;
    expect(twice).toHaveLength(normal.length + 5 * perSensor);
    expect(changed(twice)).toEqual([]);
    expect(run('sensor-late').delays.filter((delayMs) => delayMs === 90_000)).toHaveLength(5 * perSensor);
    const { sent } = run('sensor-out-of-order');
    const newest = new Map<string, number>();
    let backwards = 0;
    // The others of a city are in order among themselves and with it, so what goes backwards is what was held back.
    for (const { city_key, measured_at } of sent) {
      if (measured_at < (newest.get(city_key) ?? 0)) backwards += 1;
      newest.set(city_key, Math.max(measured_at, newest.get(city_key) ?? 0));
    }
    expect(backwards).toBe((5 * perSensor) / 2);
    expect(changed(sent)).toEqual([]);
  });

  it('work together, each for the cities it is started in', () => {
    const active = new ActiveScenarios();
    const heat = scenarios.get('heat-wave');
    if (heat === undefined) throw new Error('there is a heat wave');
    active.start(heat, startMs, ['miami-fl']);
    const fleet = new Fleet(1, seed);
    fleet.standIn(cities);
    for (const sensor of fleet.all()) {
      const signal = normalSignal(sensor, startMs + 3_600_000, seed);
      const shift = active.bend(sensor, startMs + 3_600_000, signal).temperatureF - signal.temperatureF;
      expect(Math.round(shift)).toBe(sensor.city.id === 'miami-fl' ? 28 : 0);
    }
    active.stop('heat-wave');
    expect(active.all()).toEqual([]);
  });
});

describe('time-lapse', () => {
  it('runs through the past with true event times and then goes on with the present', async () => {
    const fleet = new Fleet(1, seed);
    fleet.standIn(cities);
    const times: number[] = [];
    const beganMs = Date.now();
    const publishing = new PublishReadings(
      fleet,
      new ActiveScenarios(),
      new SimulatedClock({ backMs: 3_600_000, speed: 7_200, now: Date.now }),
      {
        send: async ({ timestamp }) => {
          times.push(Number(timestamp));
        },
      },
      { seed, intervalMs: 60_000, onPublished: () => undefined, onDropped: () => undefined },
      pino({ level: 'silent' }),
    );
    const running = publishing.run();
    await new Promise((resolve) => setTimeout(resolve, 900));
    publishing.stop();
    await running;
    // An hour of minutes in half a second: 60 readings of each of 5 sensors, one minute more or less where the hour begins and ends.
    expect(times.length).toBeGreaterThanOrEqual(295);
    expect(times.length).toBeLessThanOrEqual(310);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeLessThan(beganMs - 3_500_000);
    expect(times.at(-1)).toBeGreaterThan(beganMs - 120_000);
    expect(times.at(-1)).toBeLessThanOrEqual(Date.now());
  });
});
