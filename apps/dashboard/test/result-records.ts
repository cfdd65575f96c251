import { resultTopics } from '@isobar/contracts';
import { ensureTopics, parseProducerSettings, RecordProducer, type KafkaClientOptions } from '@isobar/kafka';

/** Writes what the pipeline would write, so that the dashboard can be tried without it. */
export class ResultWriter {
  private readonly producer: RecordProducer;

  private constructor(options: KafkaClientOptions) {
    this.producer = new RecordProducer(options, parseProducerSettings(''));
  }

  static async open(options: KafkaClientOptions): Promise<ResultWriter> {
    const { cityConditions, cityAverages5m, sensorHealth, userConditions, weatherHealth } = resultTopics;
    const names = [cityConditions, cityAverages5m, sensorHealth, userConditions, weatherHealth];
    await ensureTopics(
      options,
      names.map((name) => ({ name, partitions: 3, config: { 'cleanup.policy': 'compact' } })),
    );
    return new ResultWriter(options);
  }

  close(): Promise<number> {
    return this.producer.close();
  }

  raw(topic: string, key: string | Buffer | null, value: string | null): Promise<void> {
    return this.producer.send({ topic, key, value });
  }

  city(cityId: string, fields: Record<string, unknown>): Promise<void> {
    return this.raw(resultTopics.cityConditions, cityId, JSON.stringify(fields));
  }

  sensor(sensorId: string, fields: Record<string, unknown>): Promise<void> {
    return this.raw(resultTopics.sensorHealth, sensorId, JSON.stringify(fields));
  }

  weather(cityId: string, fields: Record<string, unknown>): Promise<void> {
    return this.raw(resultTopics.weatherHealth, cityId, JSON.stringify(fields));
  }

  average(cityId: string, windowStart: number, fields: Record<string, unknown>): Promise<void> {
    const start = Buffer.alloc(8);
    start.writeBigInt64BE(BigInt(windowStart));
    const value = { CITY_ID: cityId, WINDOW_START: windowStart, WINDOW_END: windowStart + 300_000, ...fields };
    return this.raw(resultTopics.cityAverages5m, Buffer.concat([Buffer.from(cityId), start]), JSON.stringify(value));
  }

  /** @param fields null: the person was deleted */
  user(userId: number, fields: Record<string, unknown> | null): Promise<void> {
    return this.raw(resultTopics.userConditions, String(userId), fields === null ? null : JSON.stringify(fields));
  }
}

export const cityFields = (now: number, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  CITY: 'New York',
  STATE: 'NY',
  WEATHER_TEMPERATURE_F: 71.2,
  WEATHER_HUMIDITY_PCT: 55,
  WIND_MPH: 6.4,
  CONDITIONS: 'Mostly clear',
  WEATHER_SOURCE: 'nws',
  WEATHER_OBSERVED_AT: now - 20 * 60_000,
  SENSOR_TEMPERATURE_F: 70.4,
  SENSOR_HUMIDITY_PCT: 52,
  PM25_UGM3: 7.9,
  SENSOR_ID: 'new-york-ny-01',
  SENSOR_EVENT_ID: 'event-1',
  SENSOR_MEASURED_AT: now,
  ...changes,
});

export const healthFields = (now: number, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  CITY_KEY: 'new-york-ny',
  STATUS: 'OK',
  TEMPERATURE_FAHRENHEIT: 70.4,
  STATION_TEMPERATURE_F: 71.2,
  AIR_QUALITY_INDEX: 44,
  LAST_READING_AT: now,
  READINGS: 120,
  FLAGGED_READINGS: 0,
  LATE_READINGS: 0,
  ...changes,
});

export const userFields = (now: number, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  USERNAME: 'ana',
  FULL_NAME: 'Ana Lopez',
  CITY_KEY: 'new-york-ny',
  CITY: 'New York',
  STATE: 'NY',
  WEATHER_TEMPERATURE_F: 71.2,
  CONDITIONS: 'Mostly clear',
  WEATHER_SOURCE: 'nws',
  WEATHER_OBSERVED_AT: now - 20 * 60_000,
  SENSOR_TEMPERATURE_F: 70.4,
  SENSOR_HUMIDITY_PCT: 52,
  AQI_LIMIT: 300,
  SENSOR_ID: 'new-york-ny-01',
  SENSOR_EVENT_ID: 'event-1',
  SENSOR_MEASURED_AT: now,
  COMFORT: 'COMFORTABLE',
  ...changes,
});
