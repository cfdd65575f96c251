import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stretchedMs } from '@isobar/local-stack/testing';
import type { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { setTimeout as delay } from 'node:timers/promises';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';
import type { ServerProcess } from './testing/server-process.js';

const EARLIEST = { 'auto.offset.reset': 'earliest' };
/** No statement or record may take longer than this to be answered or passed over, on a machine of one's own. */
const ANSWER_MS = 10_000;

describe('a server with little memory', () => {
  let running: ServerOnKafka | undefined;
  let broker: KafkaBroker;
  let server: ServerProcess;

  beforeAll(async () => {
    running = await startServerOnKafka({ NODE_OPTIONS: '--max-old-space-size=400' });
    ({ broker, server } = running);
    await server.ksql(
      "CREATE STREAM hostile (k VARCHAR KEY, s VARCHAR, n BIGINT, d DECIMAL(30, 10), a ARRAY<INT>) WITH (KAFKA_TOPIC='hostile', VALUE_FORMAT='JSON', PARTITIONS=1);",
    );
  }, 120_000);
  afterAll(() => running?.stop(), 60_000);

  const write = (values: readonly (string | Uint8Array | null)[]) =>
    broker.write(
      values.map((value) => ({
        topic: 'hostile',
        key: Buffer.from('k'),
        value: typeof value === 'string' ? Buffer.from(value) : value,
        timestamp: 1_700_000_000_000,
        headers: [],
      })),
    );

  const deep = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);
  it.each([
    ['parentheses without end', `SELECT ${'('.repeat(200_000)}1;`],
    ['parentheses, nested', `SELECT ${deep('(', ')', 100_000)} FROM hostile EMIT CHANGES;`],
    [
      'a type, nested',
      `CREATE STREAM x (a ${deep('ARRAY<', '>', 50_000)}) WITH (KAFKA_TOPIC='hostile', VALUE_FORMAT='JSON');`,
    ],
    ['NOT without end', `SELECT * FROM hostile WHERE ${'NOT '.repeat(100_000)}TRUE EMIT CHANGES;`],
    ['CASE in CASE', `SELECT ${deep('CASE WHEN TRUE THEN ', ' END', 20_000)} FROM hostile EMIT CHANGES;`],
    ['a text of a megabyte', `SELECT '${'x'.repeat(1_000_000)}' || 1 FROM nowhere EMIT CHANGES;`],
    ['a number of a megabyte', `SELECT ${'9'.repeat(1_000_000)} FROM hostile EMIT CHANGES;`],
    [
      'ten thousand columns of a source that is not there',
      `SELECT ${'a, '.repeat(10_000)}a FROM nowhere EMIT CHANGES;`,
    ],
    ['a quote without end', `SELECT '${'x'.repeat(500_000)}`],
    ['comments', `${'/* */'.repeat(100_000)} SELEC 1;`],
  ])(
    'refuses %s with a place or a reason, in time',
    async (_, sql) => {
      const startedMs = performance.now();
      const response = await server.post('/query-stream', { sql });
      const body = (await response.json()) as { error_code: number; message: string };
      expect(performance.now() - startedMs).toBeLessThan(stretchedMs(ANSWER_MS));
      expect(response.status).toBe(400);
      expect(body.message).toEqual(expect.any(String));
      expect((await fetch(`${server.url}/info`)).status).toBe(200);
    },
    60_000,
  );

  it('passes over records that ask for too much, and answers the one behind them', async () => {
    await write([
      JSON.stringify({ S: 'x', N: 2_000_000_000 }),
      JSON.stringify({ S: `${'a'.repeat(60)}b`, N: 2_000_000_000 }),
      JSON.stringify({ S: 'x'.repeat(900_000), N: 1 }),
      `{"S": ${deep('[', ']', 300_000)}}`,
      `{"N": 1e400000000}`,
      `{"D": ${'9'.repeat(500_000)}}`,
      `{"D": "1e-999999999"}`,
      `{"A": [${'1,'.repeat(300_000)}1]}`,
      Buffer.alloc(900_000, 0xff),
      Buffer.alloc(0),
      null,
      JSON.stringify({ S: 'last', N: 3 }),
    ]);
    const expressions = [
      "LPAD(s, CAST(n AS INT), 'ab')",
      'ARRAY_LENGTH(GENERATE_SERIES(1, CAST(n AS INT)))',
      "REPLACE(REPLACE(s, 'x', s), 'x', s)",
      "REGEXP_EXTRACT('(a+)+$', s)",
      "REGEXP_REPLACE(s, '(a|aa)+$', 'y')",
      "ARRAY_LENGTH(REGEXP_SPLIT_TO_ARRAY(s, '(x+x+)+y'))",
      "s LIKE '%x%x%x%x%x%x%x%x%x%y'",
      'POWER(d, n)',
      'ROUND(d, CAST(n AS INT))',
      "EXTRACTJSONFIELD(s, '$.a.b')",
      'ARRAY_SORT(ARRAY_UNION(a, a))',
    ];
    for (const expression of expressions) {
      const startedMs = performance.now();
      const sql = `SELECT n, (${expression}) IS NULL AS x FROM hostile WHERE s = 'last' OR (${expression}) IS NOT NULL EMIT CHANGES;`;
      const response = await server.post('/query-stream', { sql, properties: EARLIEST });
      expect([expression, response.status]).toEqual([expression, 200]);
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      while (!/^\[3,/m.test(text)) {
        const part = await Promise.race([reader.read(), delay(stretchedMs(ANSWER_MS), undefined)]);
        if (part === undefined)
          throw new Error(`${expression}: the last record was not reached: ${text.slice(0, 500)}`);
        if (part.done) throw new Error(`${expression}: ended with ${text.slice(0, 500)}`);
        text += part.value;
      }
      expect(performance.now() - startedMs).toBeLessThan(stretchedMs(ANSWER_MS));
      await reader.cancel();
    }
  }, 180_000);

  it.each([
    ['that runs', 'CREATE STREAM dear AS SELECT k, ', ' FROM hostile;'],
    ['of a client', 'SELECT ', ' FROM hostile EMIT CHANGES LIMIT 100000;'],
  ])(
    'answers others, and ends it, while each record of a query %s costs all that it may',
    async (_, head, tail) => {
      await write(Array.from({ length: 2_000 }, () => '{"S": "x", "N": 1}'));
      const columns = Array.from(
        { length: 150 },
        (_column, i) => `REDUCE(GENERATE_SERIES(1, 90000), 0, (t, u) => t + u) AS c${i}`,
      );
      const sql = `${head}${columns.join(', ')}${tail}`;
      const leave = new AbortController();
      if (head.startsWith('CREATE')) await server.ksql(sql, EARLIEST);
      else
        void fetch(`${server.url}/query-stream`, {
          method: 'POST',
          body: JSON.stringify({ sql, properties: EARLIEST }),
          signal: leave.signal,
        }).catch(() => undefined);
      let slowestMs = 0;
      for (let i = 0; i < 20; i += 1) {
        const startedMs = performance.now();
        expect((await fetch(`${server.url}/info`)).status).toBe(200);
        slowestMs = Math.max(slowestMs, performance.now() - startedMs);
        await delay(100);
      }
      // One record at a time lies between two answers; without that it takes minutes.
      expect(slowestMs).toBeLessThan(stretchedMs(ANSWER_MS));
      leave.abort();
      if (!head.startsWith('CREATE')) return;
      const startedMs = performance.now();
      await server.ksql('DROP STREAM dear;');
      expect(performance.now() - startedMs).toBeLessThan(stretchedMs(2 * ANSWER_MS));
    },
    120_000,
  );
});
