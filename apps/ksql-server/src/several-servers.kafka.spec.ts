import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerProcess } from './testing/server-process.js';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';

/*
 * Several processes of one service id on a real broker. What goes into the topic `taps` comes out of a filter and a count once, whoever is
 * killed or stands still.
 */
const KEYS = 7;
const LOAD_PAUSE_MS = 20;

interface Health {
  readonly status: string;
  readonly parts: Readonly<Record<string, { readonly status: string; readonly reason?: string }>>;
}

describe('several servers of one service id', () => {
  let running: ServerOnKafka;
  const servers: ServerProcess[] = [];
  let written = 0;
  let isWriting = false;
  let writing: Promise<void> = Promise.resolve();

  beforeAll(async () => {
    running = await startServerOnKafka();
    servers.push(running.server);
    await running.server.ksql(
      "CREATE STREAM taps (k VARCHAR KEY, n INT) WITH (KAFKA_TOPIC='taps', VALUE_FORMAT='JSON', PARTITIONS=2);" +
        "CREATE STREAM kept WITH (KAFKA_TOPIC='kept') AS SELECT k, n FROM taps EMIT CHANGES;" +
        "CREATE TABLE counted WITH (KAFKA_TOPIC='counted') AS SELECT k, COUNT(*) AS n FROM taps GROUP BY k EMIT CHANGES;",
    );
  }, 120_000);
  afterAll(async () => {
    isWriting = false;
    await writing.catch(() => undefined);
    for (const server of servers.slice(1)) await server.end('SIGKILL');
    await running.stop();
  }, 120_000);

  const another = async (): Promise<ServerProcess> => {
    const server = await ServerProcess.start({ KAFKA_BROKERS: running.kafkaBrokers });
    servers.push(server);
    return server;
  };
  const health = async (server: ServerProcess): Promise<Health | undefined> =>
    fetch(`${server.url}/readyz`, { signal: AbortSignal.timeout(2_000) })
      .then(async (response) => (await response.json()) as Health)
      .catch(() => undefined);
  const leads = async (server: ServerProcess): Promise<boolean> => {
    const parts = (await health(server))?.parts;
    return parts?.['leadership']?.status === 'up' && parts['leadership'].reason === undefined;
  };
  const standsBehind = async (server: ServerProcess, leader: ServerProcess): Promise<boolean> =>
    (await health(server))?.parts['leadership']?.reason === `this server stands by: ${leader.url} leads`;
  /** @returns ms until it was so */
  const until = async (what: string, limitMs: number, isSo: () => Promise<boolean>): Promise<number> => {
    const startedMs = performance.now();
    while (!(await isSo())) {
      if (performance.now() - startedMs > limitMs)
        throw new Error(`${what}: not within ${limitMs} ms\n${servers.map(({ output }) => output).join('\n---\n')}`);
      await delay(20);
    }
    return Math.round(performance.now() - startedMs);
  };

  /** Until it is told to end. */
  const write = async (): Promise<void> => {
    isWriting = true;
    while (isWriting) {
      const n = written++;
      const record = { topic: 'taps', key: Buffer.from(`k${n % KEYS}`), value: Buffer.from(JSON.stringify({ N: n })) };
      await running.broker.write([{ ...record, timestamp: Date.now(), headers: [] }]);
      await delay(LOAD_PAUSE_MS);
    }
  };
  const endWriting = async (): Promise<void> => {
    isWriting = false;
    await writing;
  };

  /** Committed records, by what reads only those. */
  const committed = async (topic: string): Promise<readonly { readonly key: string; readonly n: number }[]> => {
    const bounds = await running.broker.bounds(topic);
    const reader = await running.broker.openReader(
      bounds.map(({ partition, start }) => ({ topic, partition, offset: start })),
    );
    const left = new Map(bounds.filter(({ end, start }) => end > start).map(({ partition, end }) => [partition, end]));
    const found: { key: string; n: number }[] = [];
    while (left.size > 0)
      for (const { partition, records, nextOffset } of await reader.poll(500)) {
        for (const { key, value } of records)
          found.push({
            key: Buffer.from(key ?? []).toString(),
            n: (JSON.parse(Buffer.from(value ?? []).toString()) as { N: number }).N,
          });
        if (nextOffset >= (left.get(partition) ?? 0)) left.delete(partition);
      }
    await reader.close();
    return found;
  };
  /** What is missing, what is there twice, and keys with a count that is not the number of their records. */
  const judged = async () => {
    const kept = (await committed('kept')).map(({ n }) => n);
    const seen = new Set(kept);
    const last = new Map<string, number>();
    const wrong: string[] = [];
    for (const { key, n } of await committed('counted')) {
      if (n <= (last.get(key) ?? 0)) wrong.push(`${key}: ${n} after ${last.get(key)}`);
      last.set(key, n);
    }
    for (let k = 0; k < KEYS; k++) {
      const wanted = Math.floor((written - k + KEYS - 1) / KEYS);
      if (last.get(`k${k}`) !== wanted) wrong.push(`k${k}: ${last.get(`k${k}`)} of ${wanted}`);
    }
    return {
      lost: Array.from({ length: written }, (_, n) => n).filter((n) => !seen.has(n)),
      doubled: kept.length - seen.size,
      wrong,
    };
  };
  const whole = { lost: [], doubled: 0, wrong: [] };
  /** The queries have caught up. */
  const settled = async (): Promise<Awaited<ReturnType<typeof judged>>> => {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const outcome = await judged();
      if ((outcome.lost.length === 0 && outcome.wrong.length === 0) || performance.now() > deadline) return outcome;
      await delay(500);
    }
  };

  it('lead one at a time: the second stands by, says so, and leaves changes to the first', async () => {
    const [leader, standby] = [running.server, await another()];
    await until('the second stands by', 10_000, () => standsBehind(standby, leader));
    expect(await health(standby)).toMatchObject({ status: 'ready', parts: { queries: { status: 'up' } } });
    expect(await leads(leader)).toBe(true);

    await leader.ksql('CREATE TYPE point AS STRUCT<x INT, y INT>;');
    await until('the standby follows', 5_000, async () =>
      JSON.stringify(await standby.ksql('SHOW TYPES;')).includes('POINT'),
    );
    expect(await standby.ksql('SHOW QUERIES;')).toMatchObject([
      { queries: [{}, {}], warnings: [{ message: expect.stringContaining(`${leader.url} knows how they are`) }] },
    ]);
    expect(await standby.ksql('DESCRIBE counted;')).toMatchObject([{ sourceDescription: { name: 'COUNTED' } }]);

    const refused = { error_code: 50304, message: expect.stringContaining(`Ask ${leader.url}, which leads.`) };
    for (const statement of [
      'CREATE TYPE other AS INT;',
      'DROP TYPE point;',
      'TERMINATE ALL;',
      "INSERT INTO taps (k, n) VALUES ('k', 1);",
    ]) {
      const answer = await standby.post('/ksql', { ksql: statement });
      expect({ statement, status: answer.status, body: await answer.json() }).toMatchObject({
        status: 503,
        body: refused,
      });
    }
    const pulled = await standby.post('/query-stream', { sql: "SELECT * FROM counted WHERE k = 'k1';" });
    expect({ status: pulled.status, body: await pulled.json() }).toMatchObject({
      status: 503,
      body: { ...refused, message: expect.stringContaining('The rows of COUNTED are where its query runs') },
    });
    const ended = await standby.post('/ksql/terminate', {});
    expect({ status: ended.status, body: await ended.json() }).toMatchObject({ status: 503, body: refused });

    // Its own reading is its own: a push query, and a pull query over a stream.
    const push = standby.queryStream('SELECT k, n FROM kept EMIT CHANGES LIMIT 1;');
    writing = write();
    expect((await push).length).toBeGreaterThan(1);
    expect((await standby.queryStream('SELECT k, n FROM taps LIMIT 1;')).length).toBeGreaterThan(1);

    const metrics = await fetch(`${standby.url}/metrics`).then((response) => response.text());
    expect(metrics).toContain('ksql_server_leader 0');
    const { details } = (await fetch(`${standby.url}/healthcheck`).then((response) => response.json())) as {
      details: Record<string, unknown>;
    };
    expect(details['leadership']).toEqual({
      isHealthy: true,
      reason: `this server stands by: ${leader.url} leads`,
    });
  }, 120_000);

  it('write each record once while both run for 45 s under load', async () => {
    await delay(45_000);
    await endWriting();
    expect(await settled()).toEqual(whole);
    expect(written).toBeGreaterThan(500);
  }, 180_000);

  it('go on within five seconds when the leader is killed, and the killed one stands by when it is back', async () => {
    writing = write();
    await delay(2_000);
    const [leader, standby] = servers as [ServerProcess, ServerProcess];
    await leader.end('SIGKILL');
    const tookMs = await until('the standby leads', 20_000, () => leads(standby));
    process.stderr.write(`the standby led ${tookMs} ms after a kill\n`);
    expect(tookMs).toBeLessThan(5_000);
    await leader.start();
    await until('the first stands by', 10_000, () => standsBehind(leader, standby));
    await endWriting();
    expect(await settled()).toEqual(whole);
  }, 180_000);

  it('go on at once when the leader is stopped', async () => {
    writing = write();
    const [standby, leader] = servers as [ServerProcess, ServerProcess];
    await leader.end('SIGTERM');
    const tookMs = await until('the standby leads', 20_000, () => leads(standby));
    process.stderr.write(`the standby led ${tookMs} ms after the end of a clean stop\n`);
    expect(tookMs).toBeLessThan(1_500);
    await leader.start();
    await until('the other stands by', 10_000, () => standsBehind(leader, standby));
    await endWriting();
    expect(await settled()).toEqual(whole);
  }, 180_000);

  it('lose and double nothing when the leader stands still for 50 s and goes on: it stands by', async () => {
    writing = write();
    await delay(1_000);
    const [leader, standby] = servers as [ServerProcess, ServerProcess];
    leader.signal('SIGSTOP');
    const tookMs = await until('the standby leads', 20_000, () => leads(standby));
    process.stderr.write(`the standby led ${tookMs} ms after its leader stood still\n`);
    await delay(50_000);
    leader.signal('SIGCONT');
    await until('the first stands by', 20_000, () => standsBehind(leader, standby));
    await delay(2_000);
    expect(await leads(standby)).toBe(true);
    await endWriting();
    expect(await settled()).toEqual(whole);
  }, 240_000);

  it('have one leader when they are started in the same second', async () => {
    for (const server of servers) await server.end('SIGTERM');
    await Promise.all(servers.map((server) => server.start()));
    const found = async (): Promise<readonly boolean[]> => Promise.all(servers.map(leads));
    await until('one leads', 15_000, async () => (await found()).filter(Boolean).length === 1);
    const [leader] = (await found()).flatMap((isLeader, at) => (isLeader ? [servers[at] as ServerProcess] : []));
    const other = servers.find((server) => server !== leader) as ServerProcess;
    await until('the other stands by', 10_000, () => standsBehind(other, leader as ServerProcess));
    writing = write();
    await delay(3_000);
    await endWriting();
    expect(await settled()).toEqual(whole);
  }, 120_000);
});
