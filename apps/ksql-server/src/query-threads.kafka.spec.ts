import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SchemaRegistryServer } from '@isobar/ksql-engine/testing';
import { eventually } from '@isobar/local-stack/testing';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';

/** Less than the state of a query over so many keys. */
const HEAP_MIB = 48;
const KEYS = 250_000;
const BATCH = 25_000;

let running: ServerOnKafka;
const registry = new SchemaRegistryServer();
beforeAll(async () => {
  await registry.start();
  running = await startServerOnKafka({
    KSQL_KSQL_STREAMS_AUTO_OFFSET_RESET: 'earliest',
    KSQL_KSQL_STREAMS_NUM_STREAM_THREADS: '2',
    KSQL_QUERY_THREAD_HEAP_MIB: String(HEAP_MIB),
    SCHEMA_REGISTRY_URL: registry.url,
  });
}, 120_000);
afterAll(async () => {
  await running?.stop();
  await registry.stop();
}, 60_000);

interface Description {
  readonly id: string;
  readonly state: string;
  readonly queryErrors: readonly { readonly errorMessage: string; readonly type: string }[];
}

const WITH = (topic: string) => `WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA', PARTITIONS=1)`;

it('a thread asks the schema registry by itself for what the records that it reads name', async () => {
  const { server } = running;
  await server.ksql(
    `CREATE STREAM typed (k STRING KEY, v INT) WITH (KAFKA_TOPIC='typed', VALUE_FORMAT='AVRO', KEY_FORMAT='KAFKA', PARTITIONS=1);
     CREATE TABLE sums AS SELECT k, SUM(v) AS s FROM typed GROUP BY k;
     INSERT INTO typed (k, v) VALUES ('a', 20);
     INSERT INTO typed (k, v) VALUES ('a', 22);`,
  );
  await eventually('it has read both', 30_000, async () => {
    expect((await server.queryStream(`SELECT s FROM sums WHERE k = 'a';`)).at(1)).toEqual([42]);
  });
}, 60_000);

it('a query whose thread needs too much memory is in ERROR with that reason; those of another thread, and requests, go on', async () => {
  const { server, broker } = running;
  await server.ksql(
    `CREATE STREAM many (k STRING KEY, v INT) ${WITH('many')};
     CREATE STREAM few (k STRING KEY, v INT) ${WITH('few')};
     CREATE TABLE big AS SELECT k, COUNT(*) AS n FROM many GROUP BY k;
     CREATE TABLE small AS SELECT k, COUNT(*) AS n FROM few GROUP BY k;`,
  );
  const described = async (sink: string): Promise<Description | undefined> => {
    const [answer] = await server.ksql('SHOW QUERIES EXTENDED;');
    const { queryDescriptions } = answer as { queryDescriptions: readonly Description[] };
    return queryDescriptions.find(({ id }) => id.includes(sink));
  };
  const countOf = async (key: string): Promise<unknown> =>
    (await server.queryStream(`SELECT n FROM small WHERE k = '${key}';`)).at(1);
  const value = Buffer.from('{"V":1}');
  const write = (topic: string, keys: readonly string[]): Promise<unknown> =>
    broker.write(keys.map((key) => ({ topic, key: Buffer.from(key), value, timestamp: Date.now(), headers: [] })));
  await write('few', ['a', 'a']);
  await eventually('it counts', 30_000, async () => expect(await countOf('a')).toEqual([2]));

  // What it did is told half a second late at most: by query and task, and in ksqlDB's own places.
  await eventually('its figures come', 30_000, async () => {
    const { queries } = (await (await fetch(`${server.url}/query-metrics`)).json()) as {
      queries: readonly { readonly queryId: string }[];
    };
    expect(queries.find(({ queryId }) => queryId.includes('SMALL'))).toMatchObject({
      state: 'RUNNING',
      recordsIn: 2,
      resultsOut: 1,
      bytesIn: 2 * (1 + value.length),
      lag: 0,
      tasks: [
        { taskId: '0_0', recordsIn: 2, lag: 0, stateRows: 1, inputs: [{ topic: 'few', partition: 0, offset: 2 }] },
      ],
    });
  });
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).toMatch(/^ksql_task_state_rows\{query="CTAS_SMALL_\d+",task="0_0"\} 1$/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
  const [{ sourceDescription }] = (await server.ksql('DESCRIBE small EXTENDED;')) as [
    { sourceDescription: { statistics: string; clusterStatistics: readonly { name: string; value: number }[] } },
  ];
  expect(sourceDescription.statistics).toMatch(/messages-per-sec: +\d+\.\d\d +total-messages: +1 +last-message: 20/);
  expect(sourceDescription.clusterStatistics.map(({ name }) => name)).toEqual(['messages-per-sec', 'total-messages']);

  for (let at = 0; at < KEYS; at += BATCH)
    await write(
      'many',
      Array.from({ length: BATCH }, (_, i) => `a-key-of-some-length-${at + i}`),
    );
  await eventually('its thread is ended', 60_000, async () => {
    const { queryErrors } = (await described('BIG')) as Description;
    expect(queryErrors.map(({ errorMessage }) => errorMessage)).toContainEqual(
      expect.stringMatching(/^query thread \d ended: its queries needed more than 48 MiB of memory$/),
    );
  });
  await write('few', ['a']);
  await eventually('the other goes on', 30_000, async () => expect(await countOf('a')).toEqual([3]));
  expect(await described('SMALL')).toMatchObject({ state: 'RUNNING', queryErrors: [] });
  await server.ksql('TERMINATE CTAS_BIG_5;').catch(() => undefined);
}, 120_000);
