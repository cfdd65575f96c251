import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '@isobar/local-stack/testing';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';

const PARTITIONS = 3;
const HOUR_MS = 3_600_000;

let running: ServerOnKafka;
beforeAll(async () => {
  running = await startServerOnKafka();
}, 120_000);
afterAll(() => running?.stop(), 60_000);

const ksql = async (sql: string): Promise<void> => {
  const answer = await fetch(`${running.server.url}/ksql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ksql: sql, streamsProperties: { 'auto.offset.reset': 'earliest' } }),
  });
  expect([answer.status, answer.ok ? '' : await answer.text()]).toEqual([200, '']);
};

const recordsOf = async (topic: string) => {
  const bounds = await running.broker.bounds(topic);
  const reader = await running.broker.openReader(
    bounds.map(({ partition, start }) => ({ topic, partition, offset: start })),
  );
  const left = new Map(bounds.filter(({ start, end }) => end > start).map(({ partition, end }) => [partition, end]));
  const found = [];
  while (left.size > 0) {
    for (const part of await reader.poll(200)) {
      found.push(...part.records);
      if (part.nextOffset >= (left.get(part.partition) ?? 0)) left.delete(part.partition);
    }
  }
  await reader.close();
  return found;
};

it('sets a reading from the future aside, and the averages of all others go on', async () => {
  const { broker } = running;
  const topic = (name: string, partitions: number) => ({ topic: name, partitions, replicas: 1, config: {} });
  await broker.createTopics([topic('readings', PARTITIONS), topic('dead-letters', 1)]);
  await ksql(`CREATE STREAM readings (city STRING KEY, n INT, taken BIGINT)
      WITH (kafka_topic='readings', value_format='JSON', timestamp='TAKEN');
    CREATE TABLE sums AS SELECT city, SUM(n) AS n FROM readings
      WINDOW TUMBLING (SIZE 1 HOUR, GRACE PERIOD 1 SECOND) GROUP BY city EMIT CHANGES;`);
  const nowMs = Date.now();
  const write = (partition: number, n: number, takenMs: number) =>
    broker.write([
      {
        topic: 'readings',
        partition,
        key: Buffer.from(`city-${partition}`),
        value: Buffer.from(JSON.stringify({ n, taken: takenMs })),
        timestamp: nowMs,
        headers: [],
      },
    ]);
  for (let round = 0; round < 3; round++) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await write(partition, 1, nowMs);
      await write(partition, 100, nowMs + 2 * HOUR_MS);
      await write(partition, 100, nowMs + 55 * 60_000);
    }
  }
  await eventually('the sums of all cities', 30_000, async () => {
    const newest = new Map(
      (await recordsOf('SUMS')).map(({ key, value }) => [
        Buffer.from(key ?? []).toString('utf8', 0, 6),
        JSON.parse(Buffer.from(value ?? []).toString()) as unknown,
      ]),
    );
    expect(Object.fromEntries(newest)).toEqual({ 'city-0': { N: 3 }, 'city-1': { N: 3 }, 'city-2': { N: 3 } });
  });
  const letters = await recordsOf('dead-letters');
  expect(letters).toHaveLength(2 * 3 * PARTITIONS);
  const headers = Object.fromEntries(
    (letters[0]?.headers ?? []).map(({ key, value }) => [key, Buffer.from(value ?? []).toString()]),
  );
  expect(headers).toMatchObject({
    'dead-letter-topic': 'readings',
    'dead-letter-offset': '1',
    'dead-letter-reason': expect.stringMatching(/^Event time \d+ is \d+ s ahead of the clock; at most 300 s are taken/),
  });
  const metrics = await (await fetch(`${running.server.url}/metrics`)).text();
  expect(metrics).toMatch(/ksql_query_records_too_far_ahead_total\{query="CTAS_SUMS_\d+"\} 18/);
  const listed = await (await fetch(`${running.server.url}/healthcheck`)).json();
  expect(listed).toMatchObject({ isHealthy: true });
}, 120_000);
