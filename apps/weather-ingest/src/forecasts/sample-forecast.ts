import { roundTo, simulatedAtmosphere, type City, type WeatherForecast } from '@isobar/contracts';
import { toEvents, type ForecastKind, type PeriodValues } from './to-forecast-events.js';

const hourMs = 3_600_000;
const lengths = { hourly: { hours: 1, periods: 48 }, daily: { hours: 12, periods: 14 } } as const;

/** The forecast of the simulation, which knows its own future. One issue an hour; every period says `sample`. */
export function sampleForecast(
  city: City,
  kind: ForecastKind,
  nowMs: number,
  seed: number,
): readonly WeatherForecast[] {
  const issuedAtMs = Math.floor(nowMs / hourMs) * hourMs;
  const { hours, periods } = lengths[kind];
  const values = Array.from({ length: periods }, (_, index): PeriodValues => {
    const startMs = issuedAtMs + index * hours * hourMs;
    const endMs = startMs + hours * hourMs;
    const air = simulatedAtmosphere(city, (startMs + endMs) / 2, seed);
    return {
      name: null,
      startMs,
      endMs,
      isDaytime: null,
      temperatureF: roundTo(air.temperatureF, 0),
      humidityPct: roundTo(air.humidityPct, 0),
      windMph: roundTo(air.windMph, 0),
      windDirection: null,
      precipitationPct: null,
      conditions: air.cloudCover < 0.35 ? 'Sunny' : air.cloudCover < 0.7 ? 'Partly Cloudy' : 'Cloudy',
    };
  });
  return toEvents(city, kind, 'sample', issuedAtMs, nowMs, values);
}
