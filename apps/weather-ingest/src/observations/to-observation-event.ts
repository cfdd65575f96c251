import {
  epochMs,
  eventId,
  percent,
  roundTo,
  type City,
  type FahrenheitDegrees,
  type Percent,
  type WeatherObservation,
} from '@isobar/contracts';
import type { ObservationAnswer } from '../nws/answers.js';
import { pressureHpa, sharePct, speedMph, temperatureF, type Measured } from '../nws/quantity.js';
import type { CityObservation } from './observation-source.js';

/**
 * The event of a station's answer. A value that the station did not deliver is null, never zero; humidity is computed from the
 * dew point where only that came. The id covers the content, since a record is revised later under the same timestamp.
 */
export function toObservationEvent(
  city: City,
  stationId: string,
  { properties }: ObservationAnswer,
  fetchedAtMs: number,
): CityObservation {
  const temperature = temperatureF(properties.temperature);
  const dewpoint = temperatureF(properties.dewpoint);
  const humidity = orElse(sharePct(properties.relativeHumidity), () => humidityFromDewpoint(temperature, dewpoint));
  const wind = speedMph(properties.windSpeed);
  const pressure = orElse(pressureHpa(properties.seaLevelPressure), () => pressureHpa(properties.barometricPressure));
  const conditions = properties.textDescription?.trim() || null;
  const observedAtMs = Date.parse(properties.timestamp);
  const value: WeatherObservation = {
    event_id: eventId(
      'weather-observation',
      city.id,
      stationId,
      observedAtMs,
      temperature.value,
      humidity.value,
      wind.value,
      pressure.value,
      conditions,
    ),
    city: city.name,
    state: city.state,
    temperature_f: temperature.value,
    humidity_pct: humidity.value,
    wind_mph: wind.value,
    pressure_hpa: pressure.value,
    conditions,
    station_id: stationId,
    source: 'nws',
    observed_at: epochMs(observedAtMs),
    fetched_at: epochMs(fetchedAtMs),
  };
  const flags = { temperature, humidity, wind, pressure };
  const quality = Object.entries(flags)
    .filter(([, measured]) => measured.quality !== null)
    .map(([name, measured]) => `${name}=${measured.quality}`)
    .join(' ');
  return { city, value, quality };
}

const orElse = <Value extends number>(first: Measured<Value>, second: () => Measured<Value>): Measured<Value> =>
  first.value === null ? second() : first;

/** Magnus' formula over water; good to half a percent at weather's temperatures. */
function humidityFromDewpoint(
  temperature: Measured<FahrenheitDegrees>,
  dewpoint: Measured<FahrenheitDegrees>,
): Measured<Percent> {
  if (temperature.value === null || dewpoint.value === null) return { value: null, quality: null };
  const vapor = (degreesF: FahrenheitDegrees): number => {
    const degreesC = ((degreesF - 32) * 5) / 9;
    return Math.exp((17.625 * degreesC) / (243.04 + degreesC));
  };
  const share = Math.min(100, (100 * vapor(dewpoint.value)) / vapor(temperature.value));
  return { value: roundTo(percent(share), 2), quality: dewpoint.quality };
}
