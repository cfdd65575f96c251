import {
  airQualityIndex,
  epochMs,
  eventId,
  fahrenheit,
  hectopascals,
  microgramsPerCubicMeter,
  milesPerHour,
  percent,
  type AlertLimitRow,
  type SensorReading,
  type UserRow,
  type WeatherAlert,
  type WeatherForecast,
  type WeatherObservation,
} from '@isobar/contracts';

/** The start of an hour; the events of the tests are counted from it. */
export const noonMs = Date.parse('2026-06-01T12:00:00Z');
export const secondsMs = (seconds: number): number => seconds * 1_000;
export const minutesMs = (minutes: number): number => minutes * 60_000;

/** A good reading in Miami, `afterMs` past noon. */
export const reading = (afterMs: number, changes: Partial<SensorReading> = {}): SensorReading => ({
  event_id: eventId('sensor-reading', afterMs),
  city_key: 'miami-fl',
  location: 'Miami',
  state: 'FL',
  temperature_fahrenheit: fahrenheit(80),
  humidity_pct: percent(60),
  pressure_hpa: hectopascals(1_015),
  pm25_ugm3: microgramsPerCubicMeter(8),
  air_quality_index: airQualityIndex(44),
  source: 'simulator',
  measured_at: epochMs(noonMs + afterMs),
  ...changes,
});

/** The station of Miami, `afterMs` past noon. */
export const observation = (afterMs: number, changes: Partial<WeatherObservation> = {}): WeatherObservation => ({
  event_id: eventId('weather-observation', afterMs),
  city: 'Miami',
  state: 'FL',
  temperature_f: fahrenheit(81),
  humidity_pct: percent(62),
  wind_mph: null,
  pressure_hpa: null,
  conditions: 'Clear',
  station_id: 'KMIA',
  source: 'nws',
  observed_at: epochMs(noonMs + afterMs),
  fetched_at: epochMs(noonMs + afterMs),
  ...changes,
});

/** An issue for Miami, `afterMs` past noon: 48 hours, each 80 °F, wind of 5 mph and a chance of rain of a tenth unless told otherwise. */
export const forecast = (
  afterMs: number,
  hours: (hour: number) => Partial<WeatherForecast> = () => ({}),
): WeatherForecast[] =>
  Array.from({ length: 48 }, (_, hour) => ({
    event_id: eventId('weather-forecast', afterMs, hour),
    city: 'Miami',
    state: 'FL',
    kind: 'hourly',
    period_name: null,
    period_start: epochMs(noonMs + minutesMs(60 * (Math.floor(afterMs / minutesMs(60)) + hour))),
    period_end: epochMs(noonMs + minutesMs(60 * (Math.floor(afterMs / minutesMs(60)) + hour + 1))),
    is_daytime: null,
    temperature_f: fahrenheit(80),
    humidity_pct: null,
    wind_mph: milesPerHour(5),
    wind_direction: null,
    precipitation_pct: percent(10),
    conditions: null,
    source: 'nws',
    issued_at: epochMs(noonMs + afterMs),
    fetched_at: epochMs(noonMs + afterMs),
    ...hours(hour),
  }));

/** A warning for Miami, `afterMs` past noon. */
export const warning = (afterMs: number, changes: Partial<WeatherAlert> = {}): WeatherAlert => ({
  event_id: eventId('weather-alert', afterMs),
  city_key: 'miami-fl',
  city: 'Miami',
  state: 'FL',
  alert_id: `urn:oid:${afterMs}`,
  status: 'active',
  event: 'Heat Advisory',
  severity: 'Moderate',
  certainty: 'Likely',
  urgency: 'Expected',
  headline: null,
  description: null,
  instruction: null,
  area: null,
  sender: null,
  starts_at: null,
  ends_at: null,
  source: 'nws',
  issued_at: epochMs(noonMs + afterMs),
  fetched_at: epochMs(noonMs + afterMs),
  ...changes,
});

/** Ann of Miami, as written at noon. */
export const user = (changes: Partial<UserRow> = {}): UserRow => ({
  id: 1,
  username: 'ann',
  full_name: 'Ann Smith',
  city_key: 'miami-fl',
  temp_high_f: fahrenheit(85),
  temp_low_f: fahrenheit(40),
  aqi_limit: airQualityIndex(100),
  updated_at_ms: epochMs(noonMs),
  ...changes,
});

/** A limit on the sensors of Miami, as written at noon. */
export const limit = (changes: Partial<AlertLimitRow> = {}): AlertLimitRow => ({
  id: 1,
  city_key: 'miami-fl',
  metric: 'SENSOR_TEMPERATURE',
  comparison: 'ABOVE',
  threshold: 90,
  deadband: 1,
  updated_at_ms: epochMs(noonMs),
  ...changes,
});
