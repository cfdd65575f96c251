import { z } from 'zod';

// The values of the result topics, as the files of ksql/ declare them. Fields that a later version adds are ignored.
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const number = z
  .number()
  .nullish()
  .transform((value) => value ?? null);

const cityConditionsSchema = z.object({
  CITY: text,
  STATE: text,
  WEATHER_TEMPERATURE_F: number,
  WEATHER_HUMIDITY_PCT: number,
  WIND_MPH: number,
  CONDITIONS: text,
  WEATHER_SOURCE: text,
  WEATHER_OBSERVED_AT: number,
  SENSOR_TEMPERATURE_F: number,
  SENSOR_HUMIDITY_PCT: number,
  PM25_UGM3: number,
  SENSOR_ID: text,
  SENSOR_EVENT_ID: text,
  SENSOR_MEASURED_AT: number,
});
export type CityConditionsRecord = z.output<typeof cityConditionsSchema>;

const cityAverageSchema = z.object({
  WINDOW_START: z.number(),
  WINDOW_END: z.number(),
  READING_COUNT: z.number(),
  AVG_TEMP: number,
  AVG_HUMIDITY: number,
  AVG_AQI: number,
  MAX_AQI: number,
});
export type CityAverageRecord = z.output<typeof cityAverageSchema>;

const userConditionsSchema = z.object({
  USERNAME: text,
  FULL_NAME: text,
  CITY_KEY: text,
  CITY: text,
  STATE: text,
  WEATHER_TEMPERATURE_F: number,
  CONDITIONS: text,
  WEATHER_SOURCE: text,
  WEATHER_OBSERVED_AT: number,
  SENSOR_TEMPERATURE_F: number,
  SENSOR_HUMIDITY_PCT: number,
  AQI_LIMIT: number,
  SENSOR_ID: text,
  SENSOR_EVENT_ID: text,
  SENSOR_MEASURED_AT: number,
  COMFORT: z.enum(['UNKNOWN', 'HOT', 'COLD', 'COMFORTABLE']).catch('UNKNOWN'),
});
export type UserConditionsRecord = z.output<typeof userConditionsSchema>;

const sensorHealthSchema = z.object({
  CITY_KEY: text,
  STATUS: text,
  TEMPERATURE_FAHRENHEIT: number,
  STATION_TEMPERATURE_F: number,
  AIR_QUALITY_INDEX: number,
  LAST_READING_AT: number,
  AHEAD_MS: number,
  BEHIND_MS: number,
});
export type SensorHealthRecord = z.output<typeof sensorHealthSchema>;

interface RawRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** A record cannot be read; the message says which part of it. */
export class UnreadableRecordError extends Error {
  override readonly name = 'UnreadableRecordError';
}

/** Key: the city's id as text. A null value means that the city is gone. */
export function readCityConditions(record: RawRecord): { cityId: string; value: CityConditionsRecord | null } {
  return { cityId: textKey(record.key), value: readValue(cityConditionsSchema, record.value) };
}

/** Key: the city's id as text, then the window's start as 8 bytes, big-endian. */
export function readCityAverage(record: RawRecord): {
  cityId: string;
  windowStart: number;
  value: CityAverageRecord | null;
} {
  if (record.key === null || record.key.length <= 8) throw new UnreadableRecordError('the key holds no window');
  const end = record.key.length - 8;
  return {
    cityId: textKey(record.key.subarray(0, end)),
    windowStart: Number(record.key.readBigInt64BE(end)),
    value: readValue(cityAverageSchema, record.value),
  };
}

/** Key: the person's id as a JSON number. A null value means that the person was deleted. */
export function readUserConditions(record: RawRecord): { userId: number; value: UserConditionsRecord | null } {
  const userId = Number(textKey(record.key));
  if (!Number.isSafeInteger(userId)) throw new UnreadableRecordError('the key is no id of a person');
  return { userId, value: readValue(userConditionsSchema, record.value) };
}

/** Key: the sensor's id as text. */
export function readSensorHealth(record: RawRecord): { sensorId: string; value: SensorHealthRecord | null } {
  return { sensorId: textKey(record.key), value: readValue(sensorHealthSchema, record.value) };
}

function textKey(key: Buffer | null): string {
  if (key === null || key.length === 0) throw new UnreadableRecordError('the key is missing');
  return key.toString('utf8');
}

function readValue<T>(schema: z.ZodType<T>, value: Buffer | null): T | null {
  if (value === null) return null;
  let content: unknown;
  try {
    content = JSON.parse(value.toString('utf8'));
  } catch {
    throw new UnreadableRecordError('the value is not JSON');
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  throw new UnreadableRecordError(`the value does not fit: ${z.prettifyError(result.error)}`);
}
