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

/** A moment that a calendar can show. */
const requiredTime = z.number().min(-8_640_000_000_000_000).max(8_640_000_000_000_000);
const time = requiredTime.nullish().transform((value) => value ?? null);

const cityConditionsSchema = z.object({
  CITY: text,
  STATE: text,
  WEATHER_TEMPERATURE_F: number,
  WEATHER_HUMIDITY_PCT: number,
  WIND_MPH: number,
  CONDITIONS: text,
  WEATHER_SOURCE: text,
  WEATHER_OBSERVED_AT: time,
  SENSOR_TEMPERATURE_F: number,
  SENSOR_HUMIDITY_PCT: number,
  PM25_UGM3: number,
  SENSOR_ID: text,
  SENSOR_EVENT_ID: text,
  SENSOR_MEASURED_AT: time,
});
export type CityConditionsRecord = z.output<typeof cityConditionsSchema>;

const cityAverageSchema = z.object({
  WINDOW_START: requiredTime,
  WINDOW_END: requiredTime,
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
  WEATHER_OBSERVED_AT: time,
  SENSOR_TEMPERATURE_F: number,
  SENSOR_HUMIDITY_PCT: number,
  AQI_LIMIT: number,
  SENSOR_ID: text,
  SENSOR_EVENT_ID: text,
  SENSOR_MEASURED_AT: time,
  COMFORT: z.enum(['UNKNOWN', 'HOT', 'COLD', 'COMFORTABLE']).catch('UNKNOWN'),
});
export type UserConditionsRecord = z.output<typeof userConditionsSchema>;

const sensorHealthSchema = z.object({
  CITY_KEY: text,
  STATUS: text,
  TEMPERATURE_FAHRENHEIT: number,
  STATION_TEMPERATURE_F: number,
  AIR_QUALITY_INDEX: number,
  LAST_READING_AT: time,
  AHEAD_MS: number,
  BEHIND_MS: number,
});
export type SensorHealthRecord = z.output<typeof sensorHealthSchema>;

const weatherHealthSchema = z.object({
  STATUS: text,
  STATION_ID: text,
  OBSERVATIONS: number,
  FLAGGED_OBSERVATIONS: number,
});
export type WeatherHealthRecord = z.output<typeof weatherHealthSchema>;

interface RawRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** What a record says. `misfit`: which of its fields cannot be read and count as absent, in words. */
interface ReadValue<T> {
  readonly value: T | null;
  readonly misfit: string | undefined;
}

/** A record cannot be read; the message says which part of it. */
export class UnreadableRecordError extends Error {
  override readonly name = 'UnreadableRecordError';
}

/** Key: the city's id as text. A null value means that the city is gone. */
export function readCityConditions(record: RawRecord): { cityId: string } & ReadValue<CityConditionsRecord> {
  return { cityId: textKey(record.key), ...readValue(cityConditionsSchema, record.value) };
}

/** Key: the city's id as text, then the window's start as 8 bytes, big-endian. */
export function readCityAverage(
  record: RawRecord,
): { cityId: string; windowStart: number } & ReadValue<CityAverageRecord> {
  if (record.key === null || record.key.length <= 8) throw new UnreadableRecordError('the key holds no window');
  const end = record.key.length - 8;
  return {
    cityId: textKey(record.key.subarray(0, end)),
    windowStart: Number(record.key.readBigInt64BE(end)),
    ...readValue(cityAverageSchema, record.value),
  };
}

/** Key: the person's id as a JSON number. A null value means that the person was deleted. */
export function readUserConditions(record: RawRecord): { userId: number } & ReadValue<UserConditionsRecord> {
  const userId = Number(textKey(record.key));
  if (!Number.isSafeInteger(userId)) throw new UnreadableRecordError('the key is no id of a person');
  return { userId, ...readValue(userConditionsSchema, record.value) };
}

/** Key: the city's id as text. */
export function readWeatherHealth(record: RawRecord): { cityId: string } & ReadValue<WeatherHealthRecord> {
  return { cityId: textKey(record.key), ...readValue(weatherHealthSchema, record.value) };
}

/** Key: the sensor's id as text. */
export function readSensorHealth(record: RawRecord): { sensorId: string } & ReadValue<SensorHealthRecord> {
  return { sensorId: textKey(record.key), ...readValue(sensorHealthSchema, record.value) };
}

function textKey(key: Buffer | null): string {
  if (key === null || key.length === 0) throw new UnreadableRecordError('the key is missing');
  return key.toString('utf8');
}

/** One odd field is that field's trouble: the others are kept. A record without what it cannot be without is refused. */
function readValue<T>(schema: z.ZodType<T>, value: Buffer | null): ReadValue<T> {
  if (value === null) return { value: null, misfit: undefined };
  let content: unknown;
  try {
    content = JSON.parse(value.toString('utf8'));
  } catch {
    throw new UnreadableRecordError('the value is not JSON');
  }
  const whole = schema.safeParse(content);
  if (whole.success) return { value: whole.data, misfit: undefined };
  const misfit = `the value does not fit: ${z.prettifyError(whole.error)}`;
  const odd = new Set(whole.error.issues.map(({ path }) => path[0]));
  if (typeof content !== 'object' || content === null || odd.has(undefined)) throw new UnreadableRecordError(misfit);
  const rest = schema.safeParse(Object.fromEntries(Object.entries(content).filter(([name]) => !odd.has(name))));
  if (!rest.success) throw new UnreadableRecordError(misfit);
  return { value: rest.data, misfit };
}
