import {
  alertLimitRowV1,
  sensorReadingV1,
  userRowV1,
  weatherAlertV1,
  weatherForecastV1,
  weatherObservationV1,
  type AlertLimitRow,
  type SensorReading,
  type UserRow,
  type WeatherAlert,
  type WeatherForecast,
  type WeatherObservation,
} from '@isobar/contracts';
import { KsqlTestDriver, ManualClock, type ReadRecord } from '@isobar/ksql-engine/testing';
import { readPipeline } from '@isobar/pipeline';
import { fileURLToPath } from 'node:url';

export type Row = Readonly<Record<string, unknown>>;

/** The files of `ksql/`, in the order in which they are deployed, fed with events as the services write them. */
export class PipelineDriver {
  private readonly windowRows = new Map<string, Row>();

  private constructor(
    private readonly driver: KsqlTestDriver,
    private readonly clock: ManualClock,
  ) {}

  /** @param nowMs the wall clock; readings from after it are from a clock that is ahead */
  static async create(nowMs: number): Promise<PipelineDriver> {
    const clock = new ManualClock(nowMs);
    const driver = new KsqlTestDriver({
      clock,
      // Tells the end of a window at once, where a server looks every second.
      properties: { 'ksql.streams.__emit.interval.ms.kstreams.windowed.aggregation__': '0' },
    });
    driver.registerTopic('postgres-users', 1);
    for (const name of ['postgres-alert-limits', 'reading-signals', 'observation-signals', 'forecast-signals'])
      driver.registerTopic(name, 3);
    for (const { sql } of await readPipeline(fileURLToPath(new URL('..', import.meta.url)))) driver.execute(sql);
    return new PipelineDriver(driver, clock);
  }

  /** Moves the wall clock to `nowMs`. */
  passTo(nowMs: number): void {
    this.clock.advance(nowMs - this.clock.nowMs());
  }

  reading(sensorId: string, value: SensorReading): void {
    this.pipe(sensorReadingV1.toRecord(sensorId, value));
  }

  weather(cityKey: string, value: WeatherObservation): void {
    this.pipe(weatherObservationV1.toRecord(cityKey, value));
  }

  forecast(cityKey: string, values: readonly WeatherForecast[]): void {
    for (const value of values) this.pipe(weatherForecastV1.toRecord(cityKey, value));
  }

  warning(alertKey: string, value: WeatherAlert): void {
    this.pipe(weatherAlertV1.toRecord(alertKey, value));
  }

  user(value: UserRow): void {
    this.pipe(userRowV1.toRecord(value.id, value));
  }

  /** A record as a program of others may write it: any bytes, any key. */
  raw(topic: string, key: string | null, value: string): void {
    this.driver.pipe(topic, { key, value: Buffer.from(value), timestamp: this.clock.nowMs() });
  }

  limit(value: AlertLimitRow): void {
    this.pipe(alertLimitRowV1.toRecord(value.id, value));
  }

  deleteLimit(id: number, atMs: number): void {
    this.driver.pipe(alertLimitRowV1.topic, { key: id, value: null, timestamp: atMs });
  }

  deleteUser(id: number, atMs: number): void {
    this.driver.pipe(userRowV1.topic, { key: id, value: null, timestamp: atMs });
  }

  /** What came into a topic since it was last read. */
  read(topic: string): readonly (Omit<ReadRecord, 'value'> & { readonly value: Row | null })[] {
    return this.driver.read(topic) as readonly (Omit<ReadRecord, 'value'> & { readonly value: Row | null })[];
  }

  /** What a table holds after all that was read from its topic now: the last row of each key. */
  table(topic: string): ReadonlyMap<string, Row> {
    const rows = new Map<string, Row>();
    for (const { key, value } of this.read(topic)) {
      if (value === null) rows.delete(String(key));
      else rows.set(String(key), value);
    }
    return rows;
  }

  /** What a windowed table holds, likewise; a key is written `KEY START`. */
  windows(topic: string): ReadonlyMap<string, Row> {
    for (const { key, value, window } of this.read(topic)) {
      const name = `${topic}/${String(key)} ${window?.start}`;
      if (value === null) this.windowRows.delete(name);
      else this.windowRows.set(name, value);
    }
    const own = [...this.windowRows].filter(([name]) => name.startsWith(`${topic}/`));
    return new Map(own.map(([name, row]) => [name.slice(topic.length + 1), row]));
  }

  /** What the queries could not process, as `QUERY: reason`. */
  get problems(): readonly string[] {
    return this.driver.log.map(({ queryId, message }) => `${queryId}: ${message}`);
  }

  /** The bytes of a topic, for comparing runs. */
  bytes(topic: string): string {
    const text = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('base64');
    return JSON.stringify(
      this.driver.topicRecords(topic).map(({ key, value, timestamp }) => [text(key), text(value), timestamp]),
    );
  }

  private pipe(record: {
    readonly topic: string;
    readonly key: string;
    readonly value: string;
    timestamp: string;
  }): void {
    this.driver.pipe(record.topic, {
      key: [userRowV1.topic, alertLimitRowV1.topic].includes(record.topic) ? Number(record.key) : record.key,
      value: JSON.parse(record.value) as Record<string, never>,
      timestamp: Number(record.timestamp),
    });
  }
}
