import {
  epochMs,
  eventId,
  type City,
  type FahrenheitDegrees,
  type MilesPerHour,
  type Percent,
  type WeatherForecast,
} from '@isobar/contracts';
import type { ForecastAnswer, ForecastPeriod } from '../nws/answers.js';
import { NwsError } from '../nws/nws-error.js';
import { sharePct, speedMph, temperatureF } from '../nws/quantity.js';

export type ForecastKind = 'hourly' | 'daily';

/** One period, whatever endpoint it came from. */
export interface PeriodValues {
  readonly name: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly isDaytime: boolean | null;
  readonly temperatureF: FahrenheitDegrees | null;
  readonly humidityPct: Percent | null;
  readonly windMph: MilesPerHour | null;
  readonly windDirection: string | null;
  readonly precipitationPct: Percent | null;
  readonly conditions: string | null;
}

/**
 * The events of a forecast, one per period that has a time and says something. The rendering's time is not looked at: the age of a
 * forecast is that of `updateTime`, when the office published it.
 *
 * @throws NwsError `unusable-answer` when it has no time of issue or no period that says anything
 */
export function toForecastEvents(
  city: City,
  kind: ForecastKind,
  { properties }: ForecastAnswer,
  fetchedAtMs: number,
): readonly WeatherForecast[] {
  const issued = properties.updateTime ?? properties.updated;
  if (issued === null || issued === undefined)
    throw new NwsError('unusable-answer', 'The forecast does not say when it was issued');
  const periods = properties.periods.map(readPeriod).filter((period) => period !== undefined);
  if (periods.length === 0) throw new NwsError('unusable-answer', 'The forecast has no period that says anything');
  return toEvents(city, kind, 'nws', Date.parse(issued), fetchedAtMs, periods);
}

/** The events of periods that share one issue. */
export function toEvents(
  city: City,
  kind: ForecastKind,
  source: 'nws' | 'sample',
  issuedAtMs: number,
  fetchedAtMs: number,
  periods: readonly PeriodValues[],
): readonly WeatherForecast[] {
  return periods.map((period) => ({
    event_id: eventId('weather-forecast', city.id, kind, source, issuedAtMs, period.startMs),
    city: city.name,
    state: city.state,
    kind,
    period_name: period.name,
    period_start: epochMs(period.startMs),
    period_end: epochMs(period.endMs),
    is_daytime: period.isDaytime,
    temperature_f: period.temperatureF,
    humidity_pct: period.humidityPct,
    wind_mph: period.windMph,
    wind_direction: period.windDirection,
    precipitation_pct: period.precipitationPct,
    conditions: period.conditions,
    source,
    issued_at: epochMs(issuedAtMs),
    fetched_at: epochMs(fetchedAtMs),
  }));
}

function readPeriod(period: ForecastPeriod): PeriodValues | undefined {
  const startMs = Date.parse(period.startTime ?? '');
  const endMs = Date.parse(period.endTime ?? '');
  if (!Number.isFinite(startMs) || !Number.isFinite(endMs) || endMs <= startMs) return undefined;
  const values = {
    temperatureF: readTemperature(period),
    windMph: readWind(period.windSpeed),
    conditions: period.shortForecast?.trim() || null,
  };
  if (Object.values(values).every((value) => value === null)) return undefined;
  return {
    ...values,
    name: period.name?.trim() || null,
    startMs,
    endMs,
    isDaytime: period.isDaytime ?? null,
    humidityPct: sharePct(period.relativeHumidity).value,
    windDirection: period.windDirection?.trim() || null,
    precipitationPct: sharePct(period.probabilityOfPrecipitation).value,
  };
}

/** A plain number with its unit beside it, or a quantity. */
function readTemperature({ temperature, temperatureUnit }: ForecastPeriod): FahrenheitDegrees | null {
  if (typeof temperature === 'object') return temperatureF(temperature).value;
  if (temperature === undefined) return null;
  return temperatureF({ unitCode: temperatureUnit === 'C' ? 'degC' : 'degF', value: temperature }).value;
}

/** `windSpeed = number [ "to" number ] ("mph" | "km/h")`, or a quantity whose `maxValue` is the upper end. */
function readWind(wind: ForecastPeriod['windSpeed']): MilesPerHour | null {
  if (wind === null || wind === undefined || typeof wind === 'number') return null;
  if (typeof wind === 'object') {
    const upper = wind['maxValue'];
    return speedMph(typeof upper === 'number' ? { ...wind, value: upper } : wind).value;
  }
  const match = /^\s*(?:\d+(?:\.\d+)?\s+to\s+)?(\d+(?:\.\d+)?)\s*(mph|km\/h)\s*$/i.exec(wind);
  if (match === null) return null;
  return speedMph({ unitCode: match[2]?.toLowerCase() === 'mph' ? 'mi_h-1' : 'km_h-1', value: match[1] }).value;
}
