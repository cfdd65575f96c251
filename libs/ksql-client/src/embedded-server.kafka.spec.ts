// The client against the repository's own server on a real broker.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { KsqlServerError } from './errors.js';
import { KsqlClient } from './ksql-client.js';
import { startKsqlServer, type KsqlServerProcess } from './testing/ksql-server-process.js';

const fromStart = { properties: { 'auto.offset.reset': 'earliest' } };

describe('the client and the embedded server', () => {
  let stack: TestStack;
  let server: KsqlServerProcess;
  let ksql: KsqlClient;

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    server = await startKsqlServer(stack.kafkaBrokers);
    ksql = new KsqlClient({ url: server.url });
    await ksql.execute(
      `CREATE STREAM readings (sensor VARCHAR KEY, n BIGINT, temperature DOUBLE)
         WITH (KAFKA_TOPIC='readings', VALUE_FORMAT='JSON', PARTITIONS=1);
       CREATE TABLE counts AS SELECT sensor, COUNT(*) AS c, MAX(n) AS newest FROM readings GROUP BY sensor EMIT CHANGES;`,
      fromStart,
    );
  }, 120_000);

  afterAll(async () => {
    ksql?.close();
    await server?.stop();
    await stack?.stop();
  }, 60_000);

  it('lists, describes and tells its health', async () => {
    expect((await ksql.listStreams()).map(({ name }) => name)).toContain('READINGS');
    expect(await ksql.listTables()).toMatchObject([{ name: 'COUNTS', type: 'TABLE', isWindowed: false }]);
    expect(await ksql.describe('counts')).toMatchObject({ name: 'COUNTS', topic: 'COUNTS' });
    expect(await ksql.listQueries()).toMatchObject([{ sinks: ['COUNTS'], state: 'RUNNING' }]);
    expect((await ksql.health()).isHealthy).toBe(true);
    expect((await ksql.info()).serverStatus).toBe('RUNNING');
  }, 30_000);

  it('inserts, and pulls the aggregated row exactly', async () => {
    await ksql.insert('readings', { sensor: "it's", n: 9007199254740993n, temperature: 20.5 });
    await ksql.insert('readings', { sensor: "it's", n: 5, temperature: null });
    let rows: readonly unknown[] = [];
    for (let attempt = 0; attempt < 100; attempt += 1) {
      // Refused while the query starts.
      const answer = await ksql.pull("SELECT * FROM counts WHERE sensor = 'it''s';").catch(() => ({ rows: [] }));
      rows = answer.rows;
      if ((rows[0] as { C?: number } | undefined)?.C === 2) break;
      await delay(100);
    }
    expect(rows).toEqual([{ SENSOR: "it's", C: 2, NEWEST: 9007199254740993n }]);
  }, 30_000);

  it('streams changes, and the query is gone from the server after the loop is left', async () => {
    const before = (await ksql.listQueries()).length;
    const query = await ksql.push('SELECT sensor, n FROM readings EMIT CHANGES;', fromStart);
    const seen: unknown[] = [];
    for await (const row of query) {
      seen.push(row);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual([
      { SENSOR: "it's", N: 9007199254740993n },
      { SENSOR: "it's", N: 5 },
    ]);
    for (let attempt = 0; attempt < 50; attempt += 1) {
      if ((await ksql.listQueries()).length === before) break;
      await delay(100);
    }
    expect(await ksql.listQueries()).toHaveLength(before);
  }, 30_000);

  it('names the place of a mistake', async () => {
    const error = await ksql
      .execute('LIST STREAMS;\nCREATE STREAM x AS SELECT * FORM readings;')
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(KsqlServerError);
    expect(error).toMatchObject({ errorCode: 40001, place: { line: 2, column: 29 } });
  }, 30_000);
});
