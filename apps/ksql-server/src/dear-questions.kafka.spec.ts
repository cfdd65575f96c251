import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '@isobar/local-stack/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';

const EARLIEST = { 'auto.offset.reset': 'earliest' };
/** How long others may wait for an answer on a busy machine; the evaluation itself takes minutes. */
const OTHERS_MS = 2_500;

interface Ready {
  readonly status: string;
  readonly parts: { readonly connections?: { readonly reason: string } };
}

let running: ServerOnKafka;
beforeAll(async () => {
  running = await startServerOnKafka({
    KSQL_PUSH_QUERIES_MAX: '2',
    KSQL_SCANS_MAX: '2',
    KSQL_PULL_QUERY_MS_MAX: '4000',
    KSQL_PULL_PAGE_TIMEOUT_MS: '3600000',
    KSQL_KSQL_EXPRESSION_STEPS_MAX: '1000000000000',
  });
  await running.server.ksql(
    "CREATE STREAM taps (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC='taps', VALUE_FORMAT='JSON', PARTITIONS=1);" +
      'CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM taps GROUP BY k EMIT CHANGES;' +
      "INSERT INTO taps (k, v) VALUES ('a', 1);",
    EARLIEST,
  );
  await eventually('the row is there', 30_000, async () =>
    expect(await running.server.queryStream("SELECT n FROM counts WHERE k = 'a';")).toHaveLength(2),
  );
}, 150_000);
afterAll(() => running?.stop(), 60_000);

const endless =
  'REDUCE(GENERATE_SERIES(1, 900000), 0, (s, x) => s + REDUCE(GENERATE_SERIES(1, 900000), 0, (t, y) => t + y))';
const pull = `SELECT ${endless} AS x FROM counts WHERE k = 'a';`;

async function whileAsked<T>(answer: Promise<T>): Promise<T> {
  let isOver = false;
  const over = answer.finally(() => (isOver = true));
  let slowestMs = 0;
  while (!isOver) {
    const startedMs = performance.now();
    expect((await fetch(`${running.server.url}/info`)).status).toBe(200);
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    await delay(50);
  }
  expect(slowestMs).toBeLessThan(OTHERS_MS);
  return over;
}

it.each<[string, () => Promise<string>]>([
  ['/query-stream', async () => (await running.server.post('/query-stream', { sql: pull })).text()],
  [
    'a web socket',
    () =>
      new Promise((resolve, reject) => {
        const request = encodeURIComponent(JSON.stringify({ ksql: pull }));
        const socket = new WebSocket(`${running.server.url.replace('http', 'ws')}/ws/query?request=${request}`);
        let text = '';
        socket.on('message', (data) => (text += String(data as Buffer)));
        socket.on('close', () => resolve(text)).on('error', reject);
      }),
  ],
])(
  'a pull query over %s that takes minutes holds up nobody, and ends with its time',
  async (_, ask) => {
    expect(await whileAsked(ask())).toContain('raise KSQL_PULL_QUERY_MS_MAX');
  },
  60_000,
);

/** A row that is not written until somebody reads it. */
const scan = "SELECT RPAD(k, 20000000, 'x') AS x FROM taps;";
it.each<[string, string, string, string]>([
  ['push queries', '/query-stream', 'SELECT * FROM taps EMIT CHANGES;', 'KSQL_PUSH_QUERIES_MAX'],
  ['push queries at the old end point', '/query', 'SELECT * FROM taps EMIT CHANGES;', 'KSQL_PUSH_QUERIES_MAX'],
  ['topics to print', '/query-stream', "PRINT 'taps';", 'KSQL_SCANS_MAX'],
  ['topics to print at the old end point', '/query', "PRINT 'taps' FROM BEGINNING;", 'KSQL_SCANS_MAX'],
  ['pull queries over streams', '/query-stream', scan, 'KSQL_SCANS_MAX'],
])(
  'clients have so many %s and no more',
  async (_, path, sql, variable) => {
    const ask = (signal: AbortSignal): Promise<Response> =>
      fetch(`${running.server.url}${path}`, {
        method: 'POST',
        body: JSON.stringify({ [path === '/query' ? 'ksql' : 'sql']: sql }),
        signal,
      });
    const leave = new AbortController();
    const answers = [await ask(leave.signal), await ask(leave.signal), await ask(leave.signal)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(await answers[2]?.json()).toMatchObject({
      error_code: 42900,
      message: expect.stringContaining(`raise ${variable}`),
    });
    const { status, parts } = (await (await fetch(`${running.server.url}/readyz`)).json()) as Ready;
    expect([status, parts.connections?.reason]).toEqual(['degraded', expect.stringContaining(`${variable} is 2`)]);
    const metrics = await (await fetch(`${running.server.url}/metrics`)).text();
    expect(metrics).toMatch(/^isobar_http_turned_away_total\{reason="too many (push queries|scans)"\} [1-9]/m);
    expect(await running.server.queryStream("SELECT k FROM counts WHERE k = 'a';")).toHaveLength(2);
    leave.abort();
    await eventually('there is room again', 20_000, async () => {
      const again = new AbortController();
      const answer = await ask(again.signal);
      again.abort();
      expect(answer.status).toBe(200);
    });
  },
  60_000,
);

it('a socket is a client like others', async () => {
  const leave = new AbortController();
  const print = (): Promise<Response> =>
    fetch(`${running.server.url}/query-stream`, {
      method: 'POST',
      body: JSON.stringify({ sql: "PRINT 'taps';" }),
      signal: leave.signal,
    });
  await eventually('the places of those before', 20_000, async () => expect((await print()).status).toBe(200));
  await eventually('the places of those before', 20_000, async () => expect((await print()).status).toBe(200));
  const request = encodeURIComponent(JSON.stringify({ ksql: "PRINT 'taps';" }));
  const socket = new WebSocket(`${running.server.url.replace('http', 'ws')}/ws/query?request=${request}`);
  const said = await new Promise<string>((resolve, reject) =>
    socket.on('message', (data) => resolve(String(data as Buffer))).on('error', reject),
  );
  expect(said).toContain('raise KSQL_SCANS_MAX');
  socket.terminate();
  leave.abort();
}, 60_000);

it('a client cannot lift what one record may cost', async () => {
  const answer = await running.server.post('/query-stream', {
    sql: `SELECT ${endless} AS x FROM taps EMIT CHANGES LIMIT 1;`,
    properties: { ...EARLIEST, 'ksql.expression.steps.max': '1000000000000' },
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining('prohibited by the KSQL server') });
}, 60_000);
