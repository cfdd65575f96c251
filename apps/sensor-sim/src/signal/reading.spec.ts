import { describe, expect, it } from '@jest/globals';
import {
  fahrenheit,
  pm25ToAirQualityIndex,
  readCities,
  sensorReadingV1,
  type MicrogramsPerCubicMeter,
} from '@isobar/contracts';
import { fileURLToPath } from 'node:url';
import { sensorsOf } from '../fleet/sensor.js';
import { normalSignal, toReading } from './reading.js';

const cities = readCities(fileURLToPath(new URL('../../../../config/cities.json', import.meta.url)));
const sensors = cities.flatMap((city) => sensorsOf(city, 4, 42));
const readings = (seed: number) =>
  sensors.flatMap((sensor) =>
    Array.from({ length: 96 }, (_, quarter) => {
      const atMs = Date.parse('2026-06-01T00:00:00Z') + quarter * 900_000;
      return sensorReadingV1.toRecord(sensor.id, toReading(sensor, atMs, normalSignal(sensor, atMs, seed)));
    }),
  );

describe('simulated readings', () => {
  it('are the same bytes for the same seed, and others for another', () => {
    expect(readings(42)).toEqual(readings(42));
    expect(readings(42)).not.toEqual(readings(43));
  });

  it('are plausible on a normal day, and their index fits their dust', () => {
    for (const { value } of readings(42)) {
      const reading = sensorReadingV1.parseValue(value);
      if (reading === null) throw new Error('a reading has a value');
      expect(reading.temperature_fahrenheit).toBeGreaterThan(30);
      expect(reading.temperature_fahrenheit).toBeLessThan(105);
      expect(reading.humidity_pct).toBeGreaterThanOrEqual(0);
      expect(reading.air_quality_index).toBe(pm25ToAirQualityIndex(reading.pm25_ugm3 as MicrogramsPerCubicMeter));
      // A normal day is no alarm: below "unhealthy for sensitive groups".
      expect(reading.air_quality_index).toBeLessThanOrEqual(100);
    }
  });

  it('have no index where the dust is impossible', () => {
    const [sensor] = sensors;
    if (sensor === undefined) throw new Error('there are sensors');
    const signal = normalSignal(sensor, 0, 42);
    const impossible = toReading(sensor, 0, {
      ...signal,
      temperatureF: fahrenheit(999),
      pm25Ugm3: -5 as MicrogramsPerCubicMeter,
    });
    expect(impossible.air_quality_index).toBeNull();
    expect(impossible.temperature_fahrenheit).toBe(999);
  });
});
