import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestStack, type TestStack } from '@isobar/local-stack/testing';
import published from 'ksqldb-client';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerProcess } from './testing/server-process.js';

interface Answer<T> {
  readonly data?: T;
  readonly status: number;
  readonly error?: unknown;
}
interface Rows {
  readonly metadata: { readonly queryId: string; readonly columnNames: readonly string[] };
  readonly rows: readonly unknown[];
}
/** What the package's README shows of its client. */
interface PublicClient {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  listStreams(): Promise<unknown>;
  executeStatement(statement: string, options?: object): Promise<Answer<unknown>>;
  insertInto(stream: string, row: object): Promise<Answer<unknown>>;
  query(sql: string): Promise<Answer<Rows>>;
  streamQuery(sql: string, onData: (data: Rows) => void, options?: object): Promise<Answer<unknown>>;
  terminatePushQuery(queryId: string): Promise<Answer<unknown>>;
  describeSource(name: string): Promise<unknown>;
}
type PublicClientClass = new (options: { host: string; port: number }) => PublicClient;
const KsqldbClient = published as unknown as PublicClientClass;

const EARLIEST = {
  properties: { 'auto.offset.reset': 'earliest' },
  streamsProperties: { 'auto.offset.reset': 'earliest' },
};

describe('a ksqlDB client from npm, used as its README says', () => {
  let stack: TestStack;
  let server: ServerProcess;
  let client: PublicClient;

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    server = await ServerProcess.start({ KAFKA_BROKERS: stack.kafkaBrokers });
    client = new KsqldbClient({ host: 'http://127.0.0.1', port: server.port });
    await client.connect();
  }, 120_000);
  afterAll(async () => {
    await client?.disconnect();
    await server?.end('SIGTERM');
    await stack?.stop();
  }, 60_000);

  it('runs statements, inserts rows, pulls a table, and streams and ends a push query', async () => {
    const created = await client.executeStatement(
      "CREATE STREAM visits (page VARCHAR KEY, n INT) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', PARTITIONS=1);",
    );
    expect([created.status, created.error]).toEqual([200, undefined]);
    const table = await client.executeStatement(
      'CREATE TABLE visit_counts AS SELECT page, COUNT(*) AS visits FROM visits GROUP BY page EMIT CHANGES;',
      EARLIEST,
    );
    expect(table.status).toBe(200);
    for (const page of ['home', 'about', 'home']) {
      const inserted = await client.insertInto('visits', { page, n: 1 });
      expect([inserted.status, inserted.error]).toEqual([200, undefined]);
    }
    const deadline = Date.now() + 20_000;
    let pulled: Answer<Rows> = { status: 0 };
    while (Date.now() < deadline) {
      pulled = await client.query("SELECT * FROM visit_counts WHERE page = 'home';");
      if (JSON.stringify(pulled.data?.rows).includes('2')) break;
      await delay(100);
    }
    expect(pulled.status).toBe(200);
    expect(JSON.stringify(pulled.data)).toContain('"home"');
    expect(JSON.stringify(pulled.data?.rows)).toContain('2');

    let seen = '';
    const ended = client.streamQuery(
      'SELECT page FROM visits EMIT CHANGES;',
      (data) => {
        seen += JSON.stringify(data);
      },
      EARLIEST,
    );
    const queryId = await (async () => {
      while (Date.now() < deadline) {
        const id = /transient_VISITS_\d+/.exec(seen)?.[0];
        if (id !== undefined && seen.includes('about')) return id;
        await delay(50);
      }
      throw new Error(`no rows were pushed: ${seen}`);
    })();
    expect((await client.terminatePushQuery(queryId)).error).toBeUndefined();
    await ended;
  }, 60_000);

  it('hears of mistakes with their status', async () => {
    const { status, error } = await client.query('SELECT *;');
    expect(status).toBe(400);
    expect(error).toBeDefined();
  });

  it('lists streams and describes them', async () => {
    expect(JSON.stringify(await client.listStreams())).toContain('VISITS');
    expect(JSON.stringify(await client.describeSource('visits'))).toContain('PAGE');
  });
});
