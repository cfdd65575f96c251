import type { City } from '@isobar/contracts';
import { z } from 'zod';
import type { CityAir } from '../air-quality/city-air.js';
import {
  airQualitySchema,
  airWindowMs,
  cityAirSchema,
  describeAirQuality,
  describeCityAir,
  type CityAirDescription,
} from './describe-air.js';
import { sensorHealthSchema, type SensorHealth } from './describe-sensor-health.js';
import { describeWeatherHealth, weatherHealthSchema, type FastStation } from './describe-weather-health.js';
import { figure, figureSchema, type Origin } from './figure.js';
import type { CityAverageRecord, CityConditionsRecord, UserConditionsRecord, WeatherHealthRecord } from './records.js';

const averageSchema = z.object({
  windowStart: z.number(),
  windowEnd: z.number(),
  isOpen: z.boolean().describe('the window has not ended; the figures still move'),
  readingCount: figureSchema(z.number()),
  temperatureF: figureSchema(z.number()),
  humidityPct: figureSchema(z.number()),
  airQuality: airQualitySchema,
});

export const citySchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  timeZone: z.string(),
  people: z.number().describe('how many people live there'),
  weather: z.object({
    temperatureF: figureSchema(z.number()),
    humidityPct: figureSchema(z.number()),
    windMph: figureSchema(z.number()),
    conditions: figureSchema(z.string()),
  }),
  sensors: z.object({
    temperatureF: figureSchema(z.number()),
    humidityPct: figureSchema(z.number()),
    pm25UgM3: figureSchema(z.number()),
    airQuality: cityAirSchema,
  }),
  weatherHealth: weatherHealthSchema,
  sensorHealth: sensorHealthSchema,
  average: averageSchema.nullable().describe('the newest five-minute window'),
});

export const personSchema = z.object({
  id: z.number(),
  username: z.string(),
  fullName: z.string(),
  cityId: z.string().nullable(),
  city: z.string().nullable(),
});

export const userConditionsSchema = personSchema.extend({
  cityState: z.string().nullable(),
  comfort: z.enum(['UNKNOWN', 'HOT', 'COLD', 'COMFORTABLE']),
  air: z.enum(['UNKNOWN', 'ABOVE_LIMIT', 'WITHIN_LIMIT']),
  weather: z.object({ temperatureF: figureSchema(z.number()), conditions: figureSchema(z.string()) }),
  sensors: z.object({
    temperatureF: figureSchema(z.number()),
    humidityPct: figureSchema(z.number()),
    airQuality: cityAirSchema.describe("the same number as on the card of the person's city"),
  }),
  sensorEventId: z.string().nullable().describe('the id of the reading behind the sensor figures'),
});

export type CityDescription = z.infer<typeof citySchema>;
export type AverageDescription = z.infer<typeof averageSchema>;
export type Person = z.infer<typeof personSchema>;
export type UserConditions = z.infer<typeof userConditionsSchema>;

export interface StaleLimits {
  readonly sensorMs: number;
  readonly sampleWeatherMs: number;
  readonly stationWeatherMs: number;
  /** How long a reading counts for the air of its city. */
  readonly airWindowMs: number;
}

/** Three intervals, and never less than half a minute. Stations observe once an hour. */
export const staleLimits = (sensorIntervalMs: number, weatherPollIntervalMs: number): StaleLimits => ({
  sensorMs: Math.max(30_000, 3 * sensorIntervalMs),
  sampleWeatherMs: Math.max(30_000, 3 * weatherPollIntervalMs),
  stationWeatherMs: 3 * 3_600_000,
  airWindowMs: airWindowMs(sensorIntervalMs),
});

const fiveMinutes = '5-minute mean of the sensors; not the official 24-hour index';

/** What is known of a city. */
export interface CityKnowledge {
  readonly record: CityConditionsRecord | null;
  readonly air: CityAir;
  readonly average?: CityAverageRecord | undefined;
  readonly people: number;
  readonly sensorHealth: SensorHealth;
  readonly weatherHealth?: WeatherHealthRecord | null;
  readonly fastStations?: readonly FastStation[];
}

export function describeCity(
  city: City,
  { record, air, average, people, sensorHealth, weatherHealth = null, fastStations = [] }: CityKnowledge,
  limits: StaleLimits,
  now: number,
): CityDescription {
  const weather = weatherOrigin(record, limits);
  const sensor: Origin = {
    source: record?.SENSOR_ID ?? null,
    at: record?.SENSOR_MEASURED_AT ?? null,
    staleAfterMs: limits.sensorMs,
  };
  return {
    id: city.id,
    name: city.name,
    state: city.state,
    timeZone: city.timeZone,
    people,
    weather: {
      temperatureF: figure(record?.WEATHER_TEMPERATURE_F, weather, now),
      humidityPct: figure(record?.WEATHER_HUMIDITY_PCT, weather, now),
      windMph: figure(record?.WIND_MPH, weather, now),
      conditions: figure(record?.CONDITIONS, weather, now),
    },
    sensors: {
      temperatureF: figure(record?.SENSOR_TEMPERATURE_F, sensor, now),
      humidityPct: figure(record?.SENSOR_HUMIDITY_PCT, sensor, now),
      pm25UgM3: figure(record?.PM25_UGM3, sensor, now),
      airQuality: cityAir(air, limits, now),
    },
    weatherHealth: describeWeatherHealth(
      { record: weatherHealth, fastStations, lastObservedAt: weather.at, silentAfterMs: weather.staleAfterMs },
      now,
    ),
    sensorHealth,
    average: average === undefined ? null : describeAverage(average, sensor.at, limits, now),
  };
}

/** @param measuredAt newest reading of the city, which says how current an open window is */
export function describeAverage(
  window: CityAverageRecord,
  measuredAt: number | null,
  limits: StaleLimits,
  now: number,
): AverageDescription {
  const at = Math.max(window.WINDOW_START, Math.min(window.WINDOW_END, measuredAt ?? window.WINDOW_START));
  // A window that ended stays true until the next one has had time to begin.
  const origin: Origin = { source: 'sensors', at, staleAfterMs: limits.sensorMs };
  return {
    windowStart: window.WINDOW_START,
    windowEnd: window.WINDOW_END,
    isOpen: now < window.WINDOW_END,
    readingCount: figure(window.READING_COUNT, origin, now),
    temperatureF: figure(window.AVG_TEMP, origin, now),
    humidityPct: figure(window.AVG_HUMIDITY, origin, now),
    airQuality: describeAirQuality(window.AVG_AQI, origin, fiveMinutes, now),
  };
}

export const describePerson = (id: number, record: UserConditionsRecord): Person => ({
  id,
  username: record.USERNAME ?? String(id),
  fullName: record.FULL_NAME ?? record.USERNAME ?? String(id),
  cityId: record.CITY_KEY,
  city: record.CITY,
});

export function describeUserConditions(
  id: number,
  { record, air }: { readonly record: UserConditionsRecord; readonly air: CityAir },
  limits: StaleLimits,
  now: number,
): UserConditions {
  const weather = weatherOrigin(record, limits);
  const sensor: Origin = {
    source: record.SENSOR_MEASURED_AT === null ? null : (record.SENSOR_ID ?? 'one sensor'),
    at: record.SENSOR_MEASURED_AT,
    staleAfterMs: limits.sensorMs,
  };
  const airQuality = cityAir(air, limits, now);
  return {
    ...describePerson(id, record),
    cityState: record.STATE,
    comfort: record.COMFORT,
    air: verdict(airQuality, record.AQI_LIMIT),
    weather: {
      temperatureF: figure(record.WEATHER_TEMPERATURE_F, weather, now),
      conditions: figure(record.CONDITIONS, weather, now),
    },
    sensors: {
      temperatureF: figure(record.SENSOR_TEMPERATURE_F, sensor, now),
      humidityPct: figure(record.SENSOR_HUMIDITY_PCT, sensor, now),
      airQuality,
    },
    sensorEventId: record.SENSOR_EVENT_ID,
  };
}

function weatherOrigin(
  record: { readonly WEATHER_SOURCE: string | null; readonly WEATHER_OBSERVED_AT: number | null } | null,
  limits: StaleLimits,
): Origin {
  const source = record?.WEATHER_SOURCE ?? null;
  const staleAfterMs = source === 'sample' ? limits.sampleWeatherMs : limits.stationWeatherMs;
  return { source, at: record?.WEATHER_OBSERVED_AT ?? null, staleAfterMs };
}

const cityAir = (air: CityAir, { sensorMs, airWindowMs }: StaleLimits, now: number): CityAirDescription =>
  describeCityAir(air, { staleAfterMs: Math.max(sensorMs, airWindowMs), windowMs: airWindowMs }, now);

/** An old number says nothing about now; somebody without a limit has none that the air could pass. */
function verdict({ value, state }: CityAirDescription, limit: number | null): UserConditions['air'] {
  if (value === null || state !== 'live') return 'UNKNOWN';
  return limit !== null && value > limit ? 'ABOVE_LIMIT' : 'WITHIN_LIMIT';
}
