import { describe, expect, it } from '@jest/globals';
import { simulatedAtmosphere } from './simulated-climate.js';

const miami = { latitude: 25.7617, longitude: -80.1918 };
const chicago = { latitude: 41.8781, longitude: -87.6298 };
const hours = (from: string, count: number) =>
  Array.from({ length: count }, (_, hour) => Date.parse(from) + hour * 3_600_000);

const mean = (place: typeof miami, from: string): number => {
  const values = hours(from, 24 * 14).map((timeMs) => simulatedAtmosphere(place, timeMs, 42).temperatureF);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
};

describe('the simulated atmosphere', () => {
  it('is the same for the same seed and another for another', () => {
    const at = Date.parse('2026-07-01T12:00:00Z');
    expect(simulatedAtmosphere(miami, at, 42)).toEqual(simulatedAtmosphere(miami, at, 42));
    expect(simulatedAtmosphere(miami, at, 42)).not.toEqual(simulatedAtmosphere(miami, at, 43));
  });

  it('knows north from south, summer from winter and day from night', () => {
    expect(mean(miami, '2026-01-05T00:00:00Z')).toBeGreaterThan(mean(chicago, '2026-01-05T00:00:00Z') + 25);
    expect(mean(chicago, '2026-07-10T00:00:00Z')).toBeGreaterThan(mean(chicago, '2026-01-05T00:00:00Z') + 30);
    const afternoons = hours('2026-04-01T20:30:00Z', 24 * 10).filter((_, hour) => hour % 24 === 0);
    const differences = afternoons.map(
      (timeMs) =>
        simulatedAtmosphere(chicago, timeMs, 42).temperatureF -
        simulatedAtmosphere(chicago, timeMs + 12 * 3_600_000, 42).temperatureF,
    );
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeGreaterThan(3);
  });

  it('stays within what is plausible, everywhere and always', () => {
    for (const place of [miami, chicago])
      for (const timeMs of hours('2026-01-01T00:00:00Z', 365 * 8).map((hour, i) => hour + i * 2 * 3_600_000)) {
        const { temperatureF, humidityPct, pressureHpa, windMph, cloudCover } = simulatedAtmosphere(place, timeMs, 7);
        expect(temperatureF).toBeGreaterThan(-20);
        expect(temperatureF).toBeLessThan(110);
        expect(humidityPct).toBeGreaterThanOrEqual(8);
        expect(humidityPct).toBeLessThanOrEqual(100);
        expect(pressureHpa).toBeGreaterThan(990);
        expect(pressureHpa).toBeLessThan(1_040);
        expect(windMph).toBeGreaterThanOrEqual(0);
        expect(cloudCover).toBeGreaterThanOrEqual(0);
      }
  });
});
