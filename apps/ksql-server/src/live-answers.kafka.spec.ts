import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WriteRecord } from '@isobar/ksql-engine';
import type { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { eventually } from '@isobar/local-stack/testing';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';
import type { ServerProcess } from './testing/server-process.js';

const EARLIEST = { 'auto.offset.reset': 'earliest' };

describe('answers from a query while it runs', () => {
  let running: ServerOnKafka | undefined;
  let broker: KafkaBroker;
  let server: ServerProcess;

  beforeAll(async () => {
    running = await startServerOnKafka({
      KSQL_KSQL_QUERY_PUSH_V2_ENABLED: 'true',
      KSQL_KSQL_QUERY_PUSH_V2_REGISTRY_INSTALLED: 'true',
    });
    ({ broker, server } = running);
  }, 120_000);
  afterAll(() => running?.stop(), 60_000);

  const record = (topic: string, key: string, value: object): WriteRecord => ({
    topic,
    key: Buffer.from(key),
    value: Buffer.from(JSON.stringify(value)),
    timestamp: 1_700_000_000_000,
    headers: [],
  });

  async function values(topic: string): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
    const found = new Map<string, Set<number>>();
    const ends = new Map((await broker.bounds(topic)).map(({ partition, end }) => [partition, end]));
    const reader = await broker.openReader([...ends.keys()].map((partition) => ({ topic, partition, offset: 0 })));
    while (ends.size > 0) {
      for (const part of await reader.poll(200)) {
        for (const { key, value } of part.records) {
          const { N: count } = JSON.parse(Buffer.from(value ?? []).toString()) as { N: number };
          const name = Buffer.from(key ?? []).toString();
          found.set(name, (found.get(name) ?? new Set()).add(count));
        }
        if (part.nextOffset >= (ends.get(part.partition) ?? 0)) ends.delete(part.partition);
      }
    }
    await reader.close();
    return found;
  }

  it('a pull query shows only rows that were committed, by key and in a scan, while more keep coming', async () => {
    await server.ksql(
      "CREATE STREAM clicks (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', PARTITIONS=1);" +
        'CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM clicks GROUP BY k EMIT CHANGES;',
      EARLIEST,
    );
    const pulled: [string, number][] = [];
    let isWriting = true;
    const writing = (async () => {
      for (let round = 0; round < 60; round++) {
        await broker.write(['a', 'b', 'a', 'c', 'a'].map((key) => record('clicks', key, { V: round })));
        await delay(5);
      }
      isWriting = false;
    })();
    while (isWriting) {
      const rows = [
        ...(await server.queryStream("SELECT K, N FROM counts WHERE K = 'a';")).slice(1),
        ...(await server.queryStream('SELECT K, N FROM counts;')).slice(1),
      ];
      pulled.push(...(rows as [string, number][]));
    }
    await writing;
    expect(pulled.length).toBeGreaterThan(2);
    const committed = await values('COUNTS');
    for (const [key, count] of pulled) expect(committed.get(key)).toContain(count);
  }, 90_000);

  it('a pull query by key does not look at every row', async () => {
    await server.ksql(
      "CREATE STREAM many (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC='many', VALUE_FORMAT='JSON', PARTITIONS=1);" +
        'CREATE TABLE many_counts AS SELECT k, COUNT(*) AS n FROM many GROUP BY k EMIT CHANGES;',
      EARLIEST,
    );
    const keys = Array.from({ length: 30_000 }, (_, index) => `key-${index}`);
    for (let from = 0; from < keys.length; from += 5_000)
      await broker.write(keys.slice(from, from + 5_000).map((key) => record('many', key, { V: 1 })));
    const median = async (sql: string, rows: number): Promise<number> => {
      const times: number[] = [];
      for (let run = 0; run < 9; run++) {
        const startedMs = performance.now();
        const answer = await server.queryStream(sql);
        times.push(performance.now() - startedMs);
        expect(answer.length - 1).toBe(rows);
      }
      return times.sort((a, b) => a - b)[4] as number;
    };
    await eventually('the last row', 30_000, async () => {
      expect(await server.queryStream("SELECT N FROM many_counts WHERE k = 'key-29999';")).toHaveLength(2);
    });
    const scanMs = await median("SELECT N FROM many_counts WHERE k LIKE 'key-77_' AND n = 2;", 0);
    const lookupMs = await median("SELECT N FROM many_counts WHERE k = 'key-777';", 1);
    expect(lookupMs).toBeLessThan(scanMs / 2);
  }, 90_000);

  it('a scalable push query is fed by the running query, from now on, and reads no topic', async () => {
    await server.ksql(
      "CREATE STREAM taps (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC='taps', VALUE_FORMAT='JSON', PARTITIONS=1);" +
        'CREATE STREAM doubled AS SELECT k, v * 2 AS v FROM taps EMIT CHANGES;',
      EARLIEST,
    );
    await broker.write([record('taps', 'a', { V: 1 })]);
    expect((await server.queryStream('SELECT V FROM doubled EMIT CHANGES LIMIT 1;', EARLIEST))[1]).toEqual([2]);
    const response = await server.post('/query-stream', {
      sql: 'SELECT V FROM doubled WHERE V < 100 EMIT CHANGES LIMIT 2;',
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader.read()).value ?? '';
    expect(text).toMatch(/^{"queryId":"SCALABLE_PUSH_QUERY_/);
    await delay(200);
    // Written by nobody's query: a reader of the topic would see it first.
    await broker.write([record('DOUBLED', 'a', { V: 3 })]);
    await broker.write([record('taps', 'a', { V: 5 }), record('taps', 'b', { V: 70 }), record('taps', 'b', { V: 8 })]);
    for (let part = await reader.read(); part.done !== true; part = await reader.read()) text += part.value;
    expect(text.trim().split('\n').slice(1)).toEqual(['[10]', '[16]']);

    const followed = await server.post('/query-stream', { sql: 'SELECT V FROM doubled EMIT CHANGES;' });
    const queries = (await server.ksql('LIST QUERIES;'))[0]!['queries'] as { id: string }[];
    const id = queries.map((query) => query.id).find((each) => each.startsWith('CSAS_DOUBLED'));
    await server.ksql(`TERMINATE ${id};`);
    expect(await followed.text()).toContain('has ended');
  }, 60_000);

  const commands = async (): Promise<unknown> =>
    (await broker.bounds('_confluent-ksql-default__command_topic')).map(({ end }) => end);
  const pushQueries = async (): Promise<number> =>
    ((await server.ksql('LIST QUERIES;'))[0]!['queries'] as { queryType: string }[]).filter(
      ({ queryType }) => queryType === 'PUSH',
    ).length;
  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 15_000; !(await isSo()); await delay(50))
      if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
  }

  it('EXPLAIN of a whole CREATE OR REPLACE runs the upgrade check and changes nothing', async () => {
    await server.ksql(
      "CREATE STREAM base (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC='base', VALUE_FORMAT='JSON', PARTITIONS=1);" +
        'CREATE STREAM kept AS SELECT k, v FROM base WHERE v > 1 EMIT CHANGES;',
      EARLIEST,
    );
    const present = async () => [
      (await server.ksql('DESCRIBE kept;'))[0]!['sourceDescription'],
      (await server.ksql('LIST QUERIES;'))[0]!['queries'],
      (await server.ksql('LIST TOPICS;'))[0]!['topics'],
      await commands(),
    ];
    const before = await present();
    const explain = async (sql: string) => {
      const response = await server.post('/ksql', { ksql: `EXPLAIN ${sql}` });
      return { status: response.status, body: (await response.json()) as unknown };
    };
    const permitted = await explain('CREATE OR REPLACE STREAM kept AS SELECT k, v, v * 2 AS w FROM base WHERE v > 2;');
    expect(permitted).toMatchObject({
      status: 200,
      body: [
        {
          '@type': 'queryDescription',
          queryDescription: {
            id: expect.stringMatching(/^CSAS_KEPT_/),
            sinks: ['KEPT'],
            executionPlan: expect.stringContaining('W INTEGER'),
          },
        },
      ],
    });
    for (const [refused, reason] of [
      ['CREATE OR REPLACE STREAM kept AS SELECT k, CAST(v AS BIGINT) AS v FROM base;', 'Cannot upgrade'],
      ['CREATE OR REPLACE STREAM kept AS SELECT v, k FROM base PARTITION BY v;', 'Cannot upgrade'],
      ['CREATE OR REPLACE TABLE kept AS SELECT k, COUNT(*) AS v FROM base GROUP BY k;', 'Cannot upgrade'],
    ]) {
      const answer = await explain(refused!);
      expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining(reason!) } });
      const real = await server.post('/ksql', { ksql: refused });
      expect(real.status).toBe(400);
    }
    expect(await present()).toEqual(before);
  }, 60_000);

  const endless = 'SELECT * FROM base EMIT CHANGES;';
  it.each<[string, () => Promise<() => Promise<void>>]>([
    [
      '/query',
      async () => {
        const abort = new AbortController();
        const body = JSON.stringify({ ksql: endless });
        const response = await fetch(`${server.url}/query`, { method: 'POST', body, signal: abort.signal });
        await response.body!.getReader().read();
        return () => Promise.resolve(abort.abort());
      },
    ],
    [
      'a stream of an HTTP/2 connection that stays',
      async () => {
        const session = connect(server.url);
        const stream = session.request({ ':method': 'POST', ':path': '/query-stream' });
        stream.end(JSON.stringify({ sql: endless }));
        await once(stream, 'data');
        return async () => {
          stream.close();
          await until('the query to end', async () => (await pushQueries()) === 0);
          expect(session.closed).toBe(false);
          session.destroy();
        };
      },
    ],
    [
      'an HTTP/2 connection that breaks',
      async () => {
        const session = connect(server.url);
        const stream = session.request({ ':method': 'POST', ':path': '/query-stream' });
        stream.on('error', () => undefined);
        stream.end(JSON.stringify({ sql: endless }));
        await once(stream, 'data');
        return () => Promise.resolve(session.destroy());
      },
    ],
    [
      'a web socket',
      async () => {
        const request = encodeURIComponent(JSON.stringify({ ksql: endless, streamsProperties: {} }));
        const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/query?request=${request}`);
        await once(socket, 'message');
        return () => Promise.resolve(socket.terminate());
      },
    ],
  ])(
    'a push query over %s ends when its client leaves',
    async (_, open) => {
      const leave = await open();
      expect(await pushQueries()).toBe(1);
      await leave();
      await until('the query to end', async () => (await pushQueries()) === 0);
    },
    60_000,
  );
});
