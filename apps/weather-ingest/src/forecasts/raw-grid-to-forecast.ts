import { fahrenheit, percent, type City, type WeatherForecast } from '@isobar/contracts';
import { gridValueSchema, readEach, type RawGridAnswer } from '../nws/answers.js';
import { NwsError } from '../nws/nws-error.js';
import { sharePct, speedMph, temperatureF, type Measured, type Quantity } from '../nws/quantity.js';
import { toEvents, type OnOdd } from './to-forecast-events.js';

const hourMs = 3_600_000;
/** As many as the hourly forecast has. */
const hoursMax = 156;
/** A series has some hundred values of hours to days; beyond that a loop over it would be the only thing that this process does. */
const valuesMax = 1_000;
const spanMaxMs = 16 * 24 * hourMs;

type Layer = RawGridAnswer['properties']['temperature'];

/**
 * The hourly forecast out of the raw grid of a cell, which may still answer when a hole in the grid kills the worded forecast.
 * Equal hours are merged in the grid (`start/duration`); here each stands for itself again.
 *
 * @throws NwsError `unusable-answer` when the grid has no temperature
 */
export function rawGridToForecastEvents(
  city: City,
  { properties }: RawGridAnswer,
  fetchedAtMs: number,
  onOdd: OnOdd = () => undefined,
): readonly WeatherForecast[] {
  const temperatures = hourly(properties.temperature, temperatureF, onOdd);
  if (temperatures.size === 0) throw new NwsError('unusable-answer', 'The grid has no temperature');
  const humidities = hourly(properties.relativeHumidity, sharePct, onOdd);
  const winds = hourly(properties.windSpeed, speedMph, onOdd);
  const precipitation = hourly(properties.probabilityOfPrecipitation, sharePct, onOdd);
  const periods = [...temperatures]
    .sort(([a], [b]) => a - b)
    .slice(0, hoursMax)
    .map(([startMs, temperature]) => ({
      name: null,
      startMs,
      endMs: startMs + hourMs,
      isDaytime: null,
      temperatureF: fahrenheit(temperature),
      humidityPct: toPercent(humidities.get(startMs)),
      windMph: winds.get(startMs) ?? null,
      windDirection: null,
      precipitationPct: toPercent(precipitation.get(startMs)),
      conditions: null,
    }));
  return toEvents(city, 'hourly', 'nws', Date.parse(properties.updateTime), fetchedAtMs, periods);
}

const toPercent = (value: number | undefined) => (value === undefined ? null : percent(value));

/** The value of each hour of a layer, by the hour's start. */
function hourly<Value extends number>(
  layer: Layer,
  read: (quantity: Quantity) => Measured<Value>,
  onOdd: OnOdd,
): ReadonlyMap<number, Value> {
  const hours = new Map<number, Value>();
  // A null says that there is no value.
  const values = (layer?.values ?? []).slice(0, valuesMax).filter((value) => !isNull(value));
  for (const { validTime, value } of readEach(gridValueSchema, values, onOdd)) {
    const span = readSpan(validTime);
    if (span === undefined) {
      onOdd('odd validTime', validTime.slice(0, 100));
      continue;
    }
    const measured = read({ unitCode: layer?.uom, value }).value;
    if (measured === null) continue;
    for (let startMs = span.startMs; startMs < span.endMs; startMs += hourMs) hours.set(startMs, measured);
  }
  return hours;
}

const isNull = (entry: unknown): boolean =>
  typeof entry === 'object' && entry !== null && 'value' in entry && entry.value === null;

/** `start/duration`, the duration in days and hours: PT3H, P1D, P1DT6H. */
function readSpan(validTime: string): { startMs: number; endMs: number } | undefined {
  const [start = '', duration = ''] = validTime.split('/');
  const startMs = Date.parse(start);
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration);
  if (!Number.isFinite(startMs) || match === null) return undefined;
  const [, days = '0', hours = '0', minutes = '0'] = match;
  const spanMs = Number(days) * 24 * hourMs + Number(hours) * hourMs + Number(minutes) * 60_000;
  return spanMs <= spanMaxMs ? { startMs, endMs: startMs + spanMs } : undefined;
}
