import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';

interface Health {
  readonly isHealthy: boolean;
  readonly details: Readonly<Record<string, { readonly isHealthy: boolean; readonly reason?: string }>>;
}

describe('a server that is asked how it is', () => {
  let running: ServerOnKafka;
  beforeAll(async () => {
    running = await startServerOnKafka();
    await running.server.ksql(
      "CREATE STREAM taps (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC='taps', VALUE_FORMAT='JSON', PARTITIONS=1);" +
        'CREATE STREAM kept AS SELECT k, v FROM taps EMIT CHANGES; CREATE STREAM lost AS SELECT k, v FROM taps EMIT CHANGES;',
    );
  }, 120_000);
  afterAll(() => running.stop(), 60_000);

  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${running.server.url}${path}`);
    return { status: response.status, text: await response.text() };
  };

  it('refuses texts that would hold it up before it reads them', async () => {
    const { server } = running;
    const select = (columns: number): string => `SELECT ${'k, '.repeat(columns)}k FROM taps EMIT CHANGES;`;
    const answers = await Promise.all([
      server.post('/ksql', { ksql: select(3_000_000) }),
      server.post('/ksql', { ksql: select(300_000) }),
      server.post('/query-stream', { sql: select(100_000) }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([413, 400, 400]);
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as {
      error_code: number;
      message: string;
    }[];
    expect(bodies.map((body) => body.error_code)).toEqual([41300, 40000, 40000]);
    expect(bodies[2]?.message).toContain('more than 50000 words');
  }, 60_000);

  it('is ready when everything runs, and names the query that does not', async () => {
    expect(await get('/readyz')).toEqual({ status: 200, text: expect.stringContaining('"status":"ready"') });
    await running.broker.deleteTopics(['LOST']);
    const deadline = Date.now() + 60_000;
    // The first transaction that the lost topic is part of fails for both queries.
    const named = /"queries":\{"status":"down","reason":"[12] of 2 queries do not run: [^"]*CSAS_LOST_\d+: [^"]/;
    let ready = await get('/readyz');
    for (; !named.test(ready.text); ready = await get('/readyz')) {
      if (Date.now() > deadline) throw new Error(`the query whose topic is gone is not named: ${ready.text}`);
      await running.server.ksql("INSERT INTO taps (k, v) VALUES ('a', 1);");
      await delay(100);
    }
    expect(ready.status).toBe(503);
    expect(ready.text).toMatch(/^\{"status":"not ready","parts":\{"kafka":\{"status":"up"\}/);
    const health = JSON.parse((await get('/healthcheck')).text) as Health;
    expect([health.isHealthy, health.details['queries']?.isHealthy]).toEqual([false, false]);
    expect((await get('/metrics')).text).toMatch(/ksql_query_state\{query="CSAS_LOST_\d+",state="\w+",reason=".+"\} 1/);
    expect((await get('/info')).status).toBe(200);
  }, 120_000);

  it('stops in order while answers are under way, to clients that read them and to one that does not', async () => {
    const { server } = running;
    const sql = 'SELECT * FROM taps EMIT CHANGES;';
    const answer = await server.post('/query-stream', { sql });
    const request = encodeURIComponent(JSON.stringify({ ksql: sql }));
    const webSocket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/query?request=${request}`);
    webSocket.on('error', () => undefined);
    await once(webSocket, 'message');
    const body = JSON.stringify({ sql });
    const deaf = connectTcp(server.port, '127.0.0.1')
      .on('error', () => undefined)
      .pause();
    deaf.write(`POST /query-stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    expect(await server.end('SIGTERM')).toBe(0);
    await answer.text().catch(() => undefined);
    webSocket.terminate();
    deaf.destroy();
  }, 60_000);
});
