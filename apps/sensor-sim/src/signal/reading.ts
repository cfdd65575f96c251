import {
  epochMs,
  eventId,
  fahrenheit,
  hectopascals,
  microgramsPerCubicMeter,
  noiseAt,
  percent,
  pm25ToAirQualityIndex,
  roundTo,
  simulatedAtmosphere,
  smoothNoise,
  type FahrenheitDegrees,
  type Hectopascals,
  type MicrogramsPerCubicMeter,
  type Percent,
  type SensorReading,
} from '@isobar/contracts';
import type { Sensor } from '../fleet/sensor.js';

/** What a sensor senses, before it becomes a record; scenarios bend it. */
export interface Signal {
  readonly temperatureF: FahrenheitDegrees;
  readonly humidityPct: Percent;
  readonly pressureHpa: Hectopascals;
  readonly pm25Ugm3: MicrogramsPerCubicMeter;
}

const hourMs = 3_600_000;

/** The undisturbed signal: the city's air, the sensor's own place, the noise of an instrument. Depends on seed and time only. */
export function normalSignal({ id, city, siteOffsetF, siteDust }: Sensor, atMs: number, seed: number): Signal {
  const air = simulatedAtmosphere(city, atMs, seed);
  const jitter = (name: string): number => noiseAt(`${seed}:${id}:${name}`, Math.floor(atMs));
  // People drive in the morning and the evening; wind carries the dust away.
  const solarHour = (((atMs / hourMs + city.longitude / 15) % 24) + 24) % 24;
  const traffic = bump(solarHour, 8, 2) + bump(solarHour, 18, 2.5);
  const background = 5 + 2 * smoothNoise(`${seed}:${city.id}:haze`, atMs, 20 * hourMs);
  const pm25 = (background + 3.5 * traffic) * siteDust * (1.2 - Math.min(0.6, air.windMph / 30)) + 0.3 * jitter('pm25');
  return {
    temperatureF: fahrenheit(air.temperatureF + siteOffsetF + 0.15 * jitter('temperature')),
    humidityPct: percent(clamp(air.humidityPct - siteOffsetF + 0.5 * jitter('humidity'), 0, 100)),
    pressureHpa: hectopascals(air.pressureHpa + 0.1 * jitter('pressure')),
    pm25Ugm3: microgramsPerCubicMeter(Math.max(0, pm25)),
  };
}

/** The event of a signal. The index is computed from the rounded concentration, so that a reader can check it. */
export function toReading({ id, city }: Sensor, atMs: number, signal: Signal): SensorReading {
  const pm25 = roundTo(signal.pm25Ugm3, 1);
  return {
    event_id: eventId('sensor-reading', id, atMs),
    city_key: city.id,
    location: city.name,
    state: city.state,
    temperature_fahrenheit: roundTo(signal.temperatureF, 1),
    humidity_pct: roundTo(signal.humidityPct, 1),
    pressure_hpa: roundTo(signal.pressureHpa, 1),
    pm25_ugm3: pm25,
    air_quality_index: pm25 >= 0 ? pm25ToAirQualityIndex(pm25) : null,
    source: 'simulator',
    measured_at: epochMs(atMs),
  };
}

/** 1 at `center`, falling to 0 over `width` hours on either side. */
function bump(hour: number, center: number, width: number): number {
  const distance = Math.min(Math.abs(hour - center), 24 - Math.abs(hour - center));
  return Math.max(0, 1 - distance / width);
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
