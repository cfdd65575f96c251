import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { resultTopics, topics } from '@isobar/contracts';
import { createKafka, ensureTopics, readTopic, silentLog } from '@isobar/kafka';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import type { StackError } from '../stack-error.js';
import { eventually } from '../testing/eventually.js';
import { startTestStack, type TestStack } from '../testing/test-stack.js';
import { firstRecordJob } from './first-record.js';
import { hops, type Hop } from './hops.js';

const timeoutMs = 15_000;
/** Of that, once it waits for what the test does not pass on: nothing more can come. */
const shareInVain = 0.1;

/** The job on real servers, with a pipeline that passes the marked records on as far as a test wants. */
describe('the first record', () => {
  let stack: TestStack;
  let database: pg.Client;
  let dashboard: Server | undefined;

  const kafka = () => ({ brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog });

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka', 'postgres'] });
    database = new pg.Client(stack.databaseUrl);
    await database.connect();
    await database.query(
      'CREATE TABLE users (id bigserial PRIMARY KEY, username text, full_name text, email text, city_key text)',
    );
    const names = [topics.iotSensors.name, topics.postgresUsers.name, ...Object.values(resultTopics)];
    const declared = names.map((name) => ({ name, partitions: 1, config: {} }));
    await ensureTopics(kafka(), declared, { signal: AbortSignal.timeout(30_000) });
  }, 120_000);
  afterEach(() => {
    dashboard?.close();
  });
  afterAll(async () => {
    await database?.end();
    await stack?.stop();
  }, 120_000);

  /** Plays what stands between the entries and the dashboard, up to and including the last hop. */
  async function passOn(last: Hop): Promise<void> {
    const passes = (hop: Hop): boolean => hops.indexOf(hop) <= hops.indexOf(last);
    const userId = await eventually('the marked user', timeoutMs, async () => {
      const { rows } = await database.query<{ id: string }>('SELECT id FROM users');
      expect(rows).toHaveLength(1);
      return String(rows[0]?.id);
    });
    const eventId = await eventually('the marked reading', timeoutMs, async () => {
      const readings: string[] = [];
      await readTopic(kafka(), topics.iotSensors.name, ({ key, value }) => {
        if (!isTakenBack(value)) readings.push(value?.toString() ?? '');
        keys.push(key?.toString() ?? null);
      });
      const { event_id: found } = JSON.parse(readings.at(-1) ?? '{}') as { event_id?: string };
      if (found === undefined || answered.has(found)) throw new Error('not yet');
      return found;
    });
    answered.add(eventId);
    const producer = createKafka(kafka()).producer();
    await producer.connect();
    const send = (topic: string, key: string): Promise<unknown> =>
      producer.send({ topic, messages: [{ key, value: JSON.stringify({ eventId }) }] });
    if (passes('postgres-users (change data capture)')) await send(topics.postgresUsers.name, userId);
    if (passes('city-sensors')) await send(resultTopics.citySensors, 'isobar-probe');
    if (passes('city-conditions')) await send(resultTopics.cityConditions, 'isobar-probe');
    if (passes('user-conditions')) await send(resultTopics.userConditions, userId);
    if (passes('dashboard')) shown = eventId;
    await eventually('the reading taken back', 2 * timeoutMs, async () => {
      expect(await takenBack()).toContain(`${eventId}-over`);
    });
    rowsAtTheEnd = await usersLeft();
    for (const topic of [resultTopics.citySensors, resultTopics.cityConditions])
      await producer.send({ topic, messages: [{ key: 'isobar-probe', value: null }] });
    await producer.send({ topic: resultTopics.userConditions, messages: [{ key: userId, value: null }] });
    await producer.disconnect();
  }
  const isTakenBack = (value: Buffer | null): boolean => value?.includes('"source":"isobar-probe-over"') ?? false;
  async function takenBack(): Promise<string[]> {
    const ids: string[] = [];
    await readTopic(kafka(), topics.iotSensors.name, ({ value }) => {
      if (isTakenBack(value)) ids.push((JSON.parse(String(value)) as { event_id: string }).event_id);
    });
    return ids;
  }
  let rowsAtTheEnd = NaN;
  const answered = new Set<string>();
  const keys: (string | null)[] = [];
  let shown = '';

  async function run(last: Hop): Promise<{ done: string; probeMs: number; reports: string[] }> {
    shown = '';
    dashboard = createServer((_, response) => response.end(JSON.stringify({ shown }))).listen(0, '127.0.0.1');
    await new Promise((resolve) => dashboard?.once('listening', resolve));
    const reports: string[] = [];
    let probeMs = NaN;
    const job = firstRecordJob({
      addresses: {
        KAFKA_BROKERS: stack.kafkaBrokers,
        DATABASE_URL: stack.databaseUrl,
        DASHBOARD_URL: `http://127.0.0.1:${(dashboard.address() as AddressInfo).port}`,
      },
      onFirstRecord: (ms) => (probeMs = ms),
      timeoutMs,
      stretch: () =>
        reports.some((said) => said.endsWith(`waits for ${hops[hops.indexOf(last) + 1]}`)) ? shareInVain : 1,
    });
    const [done] = await Promise.all([job.run((detail) => reports.push(detail)), passOn(last)]);
    return { done, probeMs, reports };
  }

  const usersLeft = async (): Promise<number> => (await database.query('SELECT 1 FROM users')).rows.length;

  it('is ready once the marked row came out of the sink topic and of the dashboard, and says how long that took', async () => {
    const startedAt = performance.now();
    const { done, probeMs, reports } = await run('dashboard');
    const tookMs = performance.now() - startedAt;
    expect(done).toMatch(/^a test reading went sensor → Kafka → ksqlDB → dashboard in \d+\.\d s$/);
    expect(probeMs).toBeGreaterThan(0);
    expect(reports).toContain('seen at user-conditions, waits for dashboard');
    expect(rowsAtTheEnd).toBe(0);
    // The rows were gone at once: it did not wait in vain for them.
    expect(tookMs - probeMs).toBeLessThan(4_900);
    // A key would make a sensor of it, which would be silent from then on.
    expect(new Set(keys)).toEqual(new Set([null]));
  }, 120_000);

  it.each<[stopsBefore: Hop, last: Hop, advice: RegExp]>([
    ['postgres-users (change data capture)', 'iot-sensors', /logs connect .*logs stream-admin/],
    ['city-sensors', 'postgres-users (change data capture)', /logs ksql-server .*logs stream-admin/],
    ['city-conditions', 'city-sensors', /logs ksql-server/],
    ['user-conditions', 'city-conditions', /logs ksql-server/],
    ['dashboard', 'user-conditions', /logs dashboard/],
  ])(
    'names %s when the record got no further than to %s',
    async (stopsBefore, last, advice) => {
      const error = (await run(last).catch((reason: unknown) => reason)) as StackError;
      expect(error.message).toBe(`the test reading stopped before ${stopsBefore}`);
      expect(error.details.why).toMatch(
        new RegExp(`waits for ${stopsBefore.replace(/[()]/g, '.')}: nothing came in \\d+ s`),
      );
      expect(error.details.fix).toMatch(advice);
      expect(await usersLeft()).toBe(0);
    },
    120_000,
  );
});
