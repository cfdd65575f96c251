import { createKafka, silentLog } from '@isobar/kafka';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '@isobar/local-stack/testing';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';

const WAIT_MS = 90_000;

let running: ServerOnKafka;
let kafka: ReturnType<typeof createKafka>;
let admin: ReturnType<(typeof kafka)['admin']>;
beforeAll(async () => {
  running = await startServerOnKafka();
  kafka = createKafka({ brokers: [running.kafkaBrokers], clientId: 'spec', log: silentLog });
  admin = kafka.admin();
  await admin.connect();
}, 120_000);
afterAll(async () => {
  await admin?.disconnect();
  await running?.stop();
}, 60_000);

const text = async (path: string): Promise<string> => (await fetch(`${running.server.url}${path}`)).text();

/** A query that copies one topic to another. */
async function copying(topic: string) {
  const sink = `copies_of_${topic}`.toUpperCase();
  await running.broker.createTopics([{ topic, partitions: 1, replicas: 1, config: {} }]);
  await running.server.ksql(
    `CREATE STREAM ${topic} (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON');` +
      `CREATE STREAM ${sink} AS SELECT * FROM ${topic} EMIT CHANGES;`,
    { 'auto.offset.reset': 'earliest' },
  );
  const write = async (from: number, to: number): Promise<void> => {
    const records = Array.from({ length: to - from }, (_, i) => {
      const [key, value] = [Buffer.from(`k${from + i}`), Buffer.from('{"V":1}')];
      return { topic, partition: 0, key, value, timestamp: Date.now(), headers: [] };
    });
    await running.broker.write(records);
  };
  /** Keys as they came: what was written twice is there twice. */
  const copied = async (): Promise<string[]> => {
    const [bound] = await running.broker.bounds(sink);
    const reader = await running.broker.openReader([{ topic: sink, partition: 0, offset: bound?.start ?? 0 }]);
    const keys: string[] = [];
    for (let next = 0; next < (bound?.end ?? 0);) {
      for (const part of await reader.poll(200)) {
        keys.push(...[...part.records].map(({ key }) => Buffer.from(key ?? []).toString()));
        next = part.nextOffset;
      }
    }
    await reader.close();
    return keys;
  };
  const queryId = new RegExp(String.raw`CSAS_${sink}_\d+`).exec(await text('/metrics'))?.[0] ?? '';
  const errors = async (): Promise<string[]> => {
    const [answer] = (await running.server.ksql(`EXPLAIN ${queryId};`)) as unknown as {
      queryDescription: { queryErrors: { errorMessage: string }[] };
    }[];
    return answer?.queryDescription.queryErrors.map(({ errorMessage }) => errorMessage) ?? [];
  };
  const metric = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name}\\{query="${queryId}"\\} (.*)$`, 'm').exec(await text('/metrics'))?.[1]);
  return { queryId, write, copied, errors, metric };
}

const keys = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `k${from + i}`);

it('records that were deleted before a query read them are counted, and it goes on with the first that exists', async () => {
  const { queryId, write, copied, errors, metric } = await copying('shortened');
  await write(0, 10);
  await eventually('ten are copied', WAIT_MS, async () => expect(await copied()).toEqual(keys(0, 10)));
  await running.server.ksql(`PAUSE ${queryId};`);
  // The first ends the fetch that was under way when the query was paused, and may come with it.
  await write(10, 11);
  await admin.fetchTopicOffsets('shortened');
  await write(11, 30);
  await admin.deleteTopicRecords({ topic: 'shortened', partitions: [{ partition: 0, offset: '25' }] });
  await running.server.ksql(`RESUME ${queryId};`);
  await eventually('the rest is copied', WAIT_MS, async () => expect((await copied()).slice(-5)).toEqual(keys(25, 30)));
  const all = await copied();
  const lost = await metric('ksql_query_records_lost_total');
  expect(lost).toBeGreaterThan(0);
  expect(all).toEqual([...keys(0, 25 - lost), ...keys(25, 30)]);
  expect(await errors()).toContain(
    `${lost} records of shortened-0 were deleted before they were read; the query goes on from the first that exists, offset 25`,
  );
}, 240_000);

it('records that were deleted while no server ran are told of in the log, the metrics and the description of the query', async () => {
  const { queryId, write, copied, errors, metric } = await copying('trimmed');
  await write(0, 10);
  await eventually('ten are copied', WAIT_MS, async () => expect(await copied()).toEqual(keys(0, 10)));
  await running.server.end('SIGTERM');
  await write(10, 30);
  await admin.fetchTopicOffsets('trimmed');
  await admin.deleteTopicRecords({ topic: 'trimmed', partitions: [{ partition: 0, offset: '25' }] });
  await running.server.start();
  await eventually('the rest is copied', WAIT_MS, async () =>
    expect(await copied()).toEqual([...keys(0, 10), ...keys(25, 30)]),
  );
  const told =
    '15 records of trimmed-0 were deleted before they were read; the query goes on from the first that exists, offset 25';
  expect(await metric('ksql_query_records_lost_total')).toBe(15);
  expect(await errors()).toContain(told);
  const [listed] = (await running.server.ksql('SHOW QUERIES EXTENDED;')) as unknown as {
    queryDescriptions: { id: string; queryErrors: { errorMessage: string; type: string; loss?: string }[] }[];
  }[];
  const description = listed?.queryDescriptions.find(({ id }) => id === queryId);
  expect(description?.queryErrors).toContainEqual(
    expect.objectContaining({ errorMessage: told, type: 'SYSTEM', loss: 'records' }),
  );
  expect(running.server.output).toContain(told);
}, 240_000);

it('a deleted source topic is named within seconds, and its successor is read from its start', async () => {
  const { queryId, write, copied, errors } = await copying('replaced');
  await write(0, 3);
  await eventually('three are copied', WAIT_MS, async () => expect(await copied()).toEqual(keys(0, 3)));
  await running.broker.deleteTopics(['replaced']);
  await eventually('health names it', WAIT_MS, async () =>
    expect(await text('/readyz')).toContain(`${queryId}: source topic replaced does not exist any more`),
  );
  expect((await errors()).at(-1)).toMatch(/^source topic replaced does not exist any more/);
  await running.broker.createTopics([{ topic: 'replaced', partitions: 1, replicas: 1, config: {} }]);
  await write(3, 8);
  await eventually('it goes on', WAIT_MS, async () => expect(await copied()).toEqual(keys(0, 8)));
  await eventually('all is well', WAIT_MS, async () => expect(await text('/readyz')).toContain('"status":"ready"'));
}, 240_000);

it('a topic that is made again at once is read from its start too', async () => {
  const { write, copied, errors } = await copying('swapped');
  await write(0, 2);
  await eventually('two are copied', WAIT_MS, async () => expect(await copied()).toEqual(keys(0, 2)));
  await running.broker.deleteTopics(['swapped']);
  await running.broker.createTopics([{ topic: 'swapped', partitions: 1, replicas: 1, config: {} }]);
  await write(2, 8);
  await eventually('it goes on', WAIT_MS, async () => expect(await copied()).toEqual(keys(0, 8)));
  expect((await errors()).at(-1)).toMatch(/^(source )?topic swapped (was deleted and made again|does not exist)/);
}, 240_000);

it('a sink that is deleted while nothing is to be written is named', async () => {
  const { queryId, write, copied } = await copying('quiet');
  await write(0, 1);
  await eventually('one is copied', WAIT_MS, async () => expect(await copied()).toEqual(keys(0, 1)));
  await running.broker.deleteTopics(['COPIES_OF_QUIET']);
  await eventually('health names it', WAIT_MS, async () =>
    expect(await text('/readyz')).toContain(`${queryId}: sink topic COPIES_OF_QUIET does not exist any more`),
  );
  await running.broker.createTopics([{ topic: 'COPIES_OF_QUIET', partitions: 1, replicas: 1, config: {} }]);
  await write(1, 3);
  await eventually('it goes on', WAIT_MS, async () => expect(await copied()).toEqual(keys(1, 3)));
}, 240_000);

it('a query behind a transaction that nobody ends says so, and goes on when it is aborted', async () => {
  const { queryId, write, copied, errors, metric } = await copying('held');
  await write(0, 1);
  await eventually('one is copied', WAIT_MS, async () => expect(await copied()).toEqual(keys(0, 1)));
  const producer = kafka.producer({
    transactionalId: 'forgotten',
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 240_000,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: 'held', messages: [{ key: 'never', value: '{"V":1}' }] });
  await write(1, 3);
  const said = new RegExp(String.raw`${queryId}: waits behind an open transaction on held-0 for \d+ s`);
  await eventually('health says so', WAIT_MS, async () => expect(await text('/readyz')).toMatch(said));
  expect((await errors()).at(-1)).toMatch(/^waits behind an open transaction on held-0 for \d+ s/);
  expect(await metric('ksql_query_transaction_wait_seconds')).toBeGreaterThanOrEqual(20);
  await transaction.abort();
  await producer.disconnect();
  await eventually('it goes on', WAIT_MS, async () => expect(await copied()).toEqual(keys(0, 3)));
  await eventually('all is well', WAIT_MS, async () => expect(await text('/readyz')).not.toContain('held'));
}, 240_000);
