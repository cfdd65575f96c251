import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  declaredTopics,
  epochMs,
  eventId,
  sensorReadingV1,
  weatherObservationV1,
  type EventRecord,
} from '@isobar/contracts';
import { ensureTopics, parseProducerSettings, RecordProducer } from '@isobar/kafka';
import { KsqlClient } from '@isobar/ksql-client';
import { startKsqlServer, type KsqlServerProcess } from '@isobar/ksql-client/testing';
import { eventually, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { readPipeline } from '@isobar/pipeline';
import { minutesMs, reading } from './testing/events.js';
import { simulate, type Arrival } from './testing/simulated-readings.js';

const ignore = (): void => undefined;

describe('four faulty sensors of a city, through a ksqlDB server', () => {
  let stack: TestStack;
  let server: KsqlServerProcess;
  let producer: RecordProducer;
  let ksql: KsqlClient;

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    server = await startKsqlServer(stack.kafkaBrokers);
    const options = {
      brokers: [stack.kafkaBrokers],
      clientId: 'spec',
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    };
    await ensureTopics(options, declaredTopics, { signal: AbortSignal.timeout(30_000) });
    producer = new RecordProducer(options, parseProducerSettings('acks=all'));
    ksql = new KsqlClient({ url: server.url });
    const sql = (await readPipeline(import.meta.dirname)).map((object) => object.sql).join('\n');
    await ksql.execute(sql, { properties: { 'auto.offset.reset': 'earliest' } });
  }, 120_000);
  afterAll(async () => {
    ksql?.close();
    await producer?.close();
    await server?.stop();
    await stack?.stop();
  }, 60_000);

  const write = async (records: readonly EventRecord[]): Promise<void> => {
    await Promise.all(records.map((record) => producer.send({ ...record, headers: { ...record.headers } })));
  };
  const recordOf = ({ kind, key, value }: Arrival): EventRecord =>
    kind === 'reading' ? sensorReadingV1.toRecord(key, value) : weatherObservationV1.toRecord(key, value);
  const rows = async (sql: string) => (await ksql.pull(sql)).rows;

  it('are flagged, each by its fault, and a reading that is two hours late goes to the late topic', async () => {
    const nowMs = Date.now();
    const arrivals = simulate({
      seed: 42,
      // The eighth of Chicago shares its partition with the first: by its time the silence of the first ends.
      sensorsPerCity: 8,
      intervalMs: 20_000,
      fromMs: nowMs - minutesMs(60),
      toMs: nowMs,
      scenarios: [{ name: 'sensor-failure', startedAtMs: nowMs - minutesMs(55) }],
    });
    const lastMinutesMs = nowMs - minutesMs(2);
    const byMinute = Map.groupBy(arrivals, ({ atMs }) => Math.floor(atMs / minutesMs(1)) * minutesMs(1));
    for (const [minuteMs, own] of byMinute) if (minuteMs < lastMinutesMs) await write(own.map(recordOf));
    await eventually('what was measured', 30_000, async () => {
      const newest = await rows('SELECT CITY_KEY, NEWEST_MEASURED_AT FROM CITY_SENSORS;');
      expect(newest).toHaveLength(2);
      for (const row of newest) expect(Number(row['NEWEST_MEASURED_AT'])).toBeGreaterThan(lastMinutesMs - minutesMs(1));
    });
    // One by one, as they come in life: what the tables know by then is up to date.
    for (const [minuteMs, own] of byMinute)
      if (minuteMs >= lastMinutesMs) for (const arrival of own) await write([recordOf(arrival)]);

    await eventually("every fault's flag", 30_000, async () => {
      const health = await rows("SELECT SENSOR_ID, STATUS FROM SENSOR_HEALTH WHERE CITY_KEY = 'chicago-il';");
      const found = health.map((row) => `${String(row['SENSOR_ID'])} ${String(row['STATUS'])}`);
      const statuses = ['SILENT', 'STUCK', 'IMPOSSIBLE', 'FAR', 'OK', 'OK', 'OK', 'OK'];
      expect(found.sort()).toEqual(statuses.map((status, at) => `chicago-il-0${at + 1} ${status}`));
    });

    const lateAtMs = nowMs - minutesMs(120);
    await write([
      sensorReadingV1.toRecord(
        'chicago-il-06',
        reading(0, {
          city_key: 'chicago-il',
          event_id: eventId('sensor-reading', 'late'),
          measured_at: epochMs(lateAtMs),
        }),
      ),
    ]);
    await eventually('the late reading', 30_000, async () => {
      const late = await rows('SELECT SENSOR_ID, EVENT_ID, MEASURED_AT FROM LATE_READINGS;');
      expect(late).toContainEqual(
        expect.objectContaining({ SENSOR_ID: 'chicago-il-06', EVENT_ID: eventId('sensor-reading', 'late') }),
      );
    });
  }, 120_000);
});
