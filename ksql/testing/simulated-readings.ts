import {
  epochMs,
  eventId,
  fahrenheit,
  percent,
  readCities,
  roundTo,
  simulatedAtmosphere,
  type City,
  type SensorReading,
  type WeatherObservation,
} from '@isobar/contracts';
import { fileURLToPath } from 'node:url';
import { dueMeasurements } from '../../apps/sensor-sim/src/fleet/due-measurements.js';
import { Fleet } from '../../apps/sensor-sim/src/fleet/fleet.js';
import { ActiveScenarios } from '../../apps/sensor-sim/src/scenarios/active-scenarios.js';
import { readScenarios, type Scenario } from '../../apps/sensor-sim/src/scenarios/scenario.js';
import { normalSignal, toReading } from '../../apps/sensor-sim/src/signal/reading.js';

const config = (name: string): string => fileURLToPath(new URL(`../../config/${name}`, import.meta.url));

/** One city of the plains and one of the coast: enough to tell the scenarios apart, and quick. */
export const cities: readonly City[] = readCities(config('cities.json')).filter(({ id }) =>
  ['chicago-il', 'san-francisco-ca'].includes(id),
);
export const scenarios: ReadonlyMap<string, Scenario> = readScenarios(config('scenarios'));

export interface Simulation {
  readonly seed: number;
  readonly sensorsPerCity: number;
  readonly intervalMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Scenarios at work, each since a moment. */
  readonly scenarios: readonly { readonly name: string; readonly startedAtMs: number }[];
}

/** Something that reaches its topic at a moment. */
export type Arrival =
  | { readonly kind: 'reading'; readonly atMs: number; readonly key: string; readonly value: SensorReading }
  | { readonly kind: 'weather'; readonly atMs: number; readonly key: string; readonly value: WeatherObservation };

const weatherEveryMs = 600_000;

/** Readings as the simulator sends them and the weather of the same air, in the order of their arrival. */
export function simulate({ seed, sensorsPerCity, intervalMs, fromMs, toMs, ...rest }: Simulation): readonly Arrival[] {
  const fleet = new Fleet(sensorsPerCity, seed);
  fleet.standIn(cities);
  const active = new ActiveScenarios();
  const arrivals: Arrival[] = [];
  for (let atMs = fromMs; atMs <= toMs; atMs += weatherEveryMs)
    for (const city of cities)
      arrivals.push({ kind: 'weather', atMs, key: city.id, value: observation(city, atMs, seed) });
  for (const { sensor, atMs } of dueMeasurements(fleet.all(), fromMs, toMs, intervalMs)) {
    for (const { name, startedAtMs } of rest.scenarios) {
      const scenario = scenarios.get(name);
      if (scenario === undefined) throw new Error(`config/scenarios has no ${name}.json`);
      if (atMs >= startedAtMs) active.start(scenario, startedAtMs);
    }
    const signal = active.bend(sensor, atMs, normalSignal(sensor, atMs, seed));
    for (const { reading, delayMs } of active.deliver(sensor, toReading(sensor, atMs, signal)))
      arrivals.push({ kind: 'reading', atMs: atMs + delayMs, key: sensor.id, value: reading });
  }
  return arrivals.sort((a, b) => a.atMs - b.atMs);
}

function observation(city: City, atMs: number, seed: number): WeatherObservation {
  const air = simulatedAtmosphere(city, atMs, seed);
  return {
    event_id: eventId('weather-observation', city.id, atMs),
    city: city.name,
    state: city.state,
    temperature_f: fahrenheit(roundTo(air.temperatureF, 1)),
    humidity_pct: percent(roundTo(air.humidityPct, 0)),
    wind_mph: null,
    pressure_hpa: null,
    conditions: null,
    station_id: null,
    source: 'sample',
    observed_at: epochMs(atMs),
    fetched_at: epochMs(atMs),
  };
}
