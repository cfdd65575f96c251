import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { KeptAdmin, RecordProducer, parseProducerSettings, silentLog } from '@isobar/kafka';
import { KsqlClient } from '@isobar/ksql-client';
import { startKsqlServer, type KsqlServerProcess } from '@isobar/ksql-client/testing';
import { eventually, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import type { RunningService } from '@isobar/service-kit';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStreamAdmin } from './start-stream-admin.js';

/* A live source gets more partitions; the join reads it, a result of it, and a result of another source. */
const files = {
  '1-readings.sql':
    "CREATE STREAM readings (id VARCHAR KEY, value INT) WITH (KAFKA_TOPIC = 'iot-sensors', VALUE_FORMAT = 'JSON');",
  '2-weather.sql':
    "CREATE STREAM weather (id VARCHAR KEY, value INT) WITH (KAFKA_TOPIC = 'weather-data', VALUE_FORMAT = 'JSON');",
  '3-counts.sql': 'CREATE TABLE counts AS SELECT id, COUNT(*) AS n FROM readings GROUP BY id EMIT CHANGES;',
  '4-sky.sql': 'CREATE TABLE sky AS SELECT id, COUNT(*) AS looks FROM weather GROUP BY id EMIT CHANGES;',
  '5-seen.sql':
    'CREATE STREAM seen AS SELECT r.id AS id, r.value AS value, c.n AS n, s.looks AS looks FROM readings r LEFT JOIN counts c ON r.id = c.id LEFT JOIN sky s ON r.id = s.id EMIT CHANGES;',
};

let stack: TestStack;
let server: KsqlServerProcess;
let ksql: KsqlClient;
let kafka: KeptAdmin;
let folder: string;
let admin: RunningService;
let producer: RecordProducer;

const get = async <T>(path: string): Promise<T> => (await fetch(admin.url + path)).json() as Promise<T>;
const healths = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await get<{ name: string; health: string }[]>('/queries')).map(({ name, health }) => [name, health]),
  );
const send = async (topic: string, value: number): Promise<void> =>
  producer.send({ topic, key: 'a', value: JSON.stringify({ value }) });
const count = async (table: string, column: string): Promise<unknown> =>
  (await ksql.pull(`SELECT ${column} FROM ${table} WHERE id = 'a';`)).rows.map((row) => row[column]);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stream-admin-'));
  for (const name of ['ksql', 'connectors']) mkdirSync(join(folder, name));
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, 'ksql', name), `${sql}\n`);
  stack = await startTestStack({ parts: ['kafka'] });
  server = await startKsqlServer(stack.kafkaBrokers);
  ksql = new KsqlClient({ url: server.url });
  const client = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
  kafka = new KeptAdmin(client);
  producer = new RecordProducer(client, parseProducerSettings(''));
  admin = await startStreamAdmin(folder, stack, { KSQLDB_URL: server.url });
  await eventually('the deployment', 60_000, async () =>
    expect((await get<{ parts: Record<string, unknown> }>('/readyz')).parts['queries']).toEqual({ status: 'up' }),
  );
}, 180_000);

afterAll(async () => {
  await producer?.close();
  await kafka?.close();
  await admin?.stop();
  ksql?.close();
  await server?.stop();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

it('starts anew what stopped when a source got more partitions, with topics that a join can read', async () => {
  for (const value of [1, 2, 3]) await send('iot-sensors', value);
  for (const value of [1, 2]) await send('weather-data', value);
  await eventually('the rows', 60_000, async () => {
    expect([await count('COUNTS', 'N'), await count('SKY', 'LOOKS')]).toEqual([[3], [2]]);
  });
  // What is in their topics is known from the next look at settings on.
  await new Promise((resolve) => setTimeout(resolve, 11_000));
  await kafka.use((client) => client.createPartitions({ topicPartitions: [{ topic: 'iot-sensors', count: 6 }] }));
  await eventually('that it stops', 60_000, async () => expect(await healths()).toMatchObject({ COUNTS: 'failed' }));

  const answer = await fetch(`${admin.url}/queries/counts/redeploy`, { method: 'POST' });
  const topic = (name: string, records: unknown) => ({ topic: name, partitions: 3, newPartitions: 6, records });
  expect([answer.status, await answer.json()]).toEqual([
    200,
    {
      redeployed: ['COUNTS', 'SKY', 'SEEN'],
      erased: expect.arrayContaining([topic('COUNTS', expect.any(Number)), topic('SKY', expect.any(Number))]),
    },
  ]);
  await send('iot-sensors', 4);
  await eventually('all of it, computed anew', 60_000, async () => {
    expect([await count('COUNTS', 'N'), await count('SKY', 'LOOKS')]).toEqual([[4], [2]]);
    expect(await healths()).toMatchObject({ COUNTS: 'running', SKY: 'running', SEEN: 'running' });
  });
  await eventually('ready', 30_000, async () =>
    expect((await get<{ parts: Record<string, unknown> }>('/readyz')).parts['queries']).toEqual({ status: 'up' }),
  );
  // The next look at the settings of topics has been by then: what was erased on purpose is no loss.
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  expect(await get('/losses')).toEqual({ items: [] });
}, 180_000);
