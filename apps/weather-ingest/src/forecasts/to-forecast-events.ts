import {
  epochMs,
  eventId,
  type City,
  type FahrenheitDegrees,
  type MilesPerHour,
  type Percent,
  type WeatherForecast,
} from '@isobar/contracts';
import { periodSchema, readEach, type ForecastAnswer, type ForecastPeriod } from '../nws/answers.js';
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

/** A week in hours has 168; a list of thousands is a slip, and each would be a record. */
const periodsMax = 400;
/** Forecasts reach eight days; a period beyond is a fill value. */
const periodAheadMaxMs = 30 * 86_400_000;

/** Told of each element that is left out. */
export type OnOdd = (reason: string, detail: string) => void;

/**
 * The events of a forecast, one per period that has a time and says something; an odd period is left out alone. The rendering's time
 * says nothing of its age: that is the age of `updateTime`, when the office published it.
 *
 * @throws NwsError `unusable-answer` when it has no time of issue or no period that says anything
 */
export function toForecastEvents(
  city: City,
  kind: ForecastKind,
  { properties }: ForecastAnswer,
  fetchedAtMs: number,
  onOdd: OnOdd = () => undefined,
): readonly WeatherForecast[] {
  const issued = properties.updateTime ?? properties.updated;
  if (issued === null || issued === undefined)
    throw new NwsError('unusable-answer', 'The forecast does not say when it was issued');
  const periods = readEach(periodSchema, properties.periods.slice(0, periodsMax), onOdd)
    .map(readPeriod)
    .filter((period) => period !== undefined);
  if (properties.periods.length > periodsMax) onOdd('too many', `${properties.periods.length} periods`);
  if (periods.length === 0) throw new NwsError('unusable-answer', 'The forecast has no period that says anything');
  return toEvents(city, kind, 'nws', Date.parse(issued), fetchedAtMs, periods);
}

/** The time up to which an answer speaks, by its own words: when it was issued, or made into this answer. */
export const madeAtMs = ({
  updateTime,
  updated,
  generatedAt,
}: Pick<ForecastAnswer['properties'], 'updateTime' | 'generatedAt'> & {
  updated?: string | null | undefined;
}): number => Math.max(...[updateTime ?? updated, generatedAt].flatMap((time) => (time ? [Date.parse(time)] : [])));

/** The events of periods that share one issue; of two that start together the first one counts. */
export function toEvents(
  city: City,
  kind: ForecastKind,
  source: 'nws' | 'sample',
  issuedAtMs: number,
  fetchedAtMs: number,
  periods: readonly PeriodValues[],
): readonly WeatherForecast[] {
  const starts = new Set<number>();
  const single = periods.filter(({ startMs }) => {
    const isFirst = !starts.has(startMs) && startMs - fetchedAtMs < periodAheadMaxMs;
    starts.add(startMs);
    return isFirst;
  });
  return single.map((period) => ({
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
