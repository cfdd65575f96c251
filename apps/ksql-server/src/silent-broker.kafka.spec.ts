import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, processesOf, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerProcess } from './testing/server-process.js';

/** A whole minute: `SILENCE_MS=60000 node tools/jest.mjs --selectProjects integration --testPathPatterns silent-broker`. */
const silenceMs = Number(process.env['SILENCE_MS'] ?? 20_000);
const limitMs = silenceMs * 3 + 120_000;
const QUERIES = 3;
const PARTITIONS = 2;

describe('a server whose broker is silent for long', () => {
  let stack: TestStack;
  let broker: KafkaBroker;
  let server: ServerProcess;
  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    broker = new KafkaBroker({ bootstrap: [stack.kafkaBrokers], clientId: 'spec' });
    server = await ServerProcess.start({
      KAFKA_BROKERS: stack.kafkaBrokers,
      KSQL_KSQL_STREAMS_AUTO_OFFSET_RESET: 'earliest',
    });
  }, 120_000);
  afterAll(async () => {
    await server?.end('SIGTERM');
    await broker?.close();
    await stack?.stop();
  }, 60_000);

  const signalBroker = (signal: 'SIGSTOP' | 'SIGCONT'): void => {
    const pids = processesOf(stack.folder)
      .filter((found) => found.includes('java'))
      .map((found) => Number.parseInt(found, 10));
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) process.kill(pid, signal);
  };
  const ready = async (): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${server.url}/readyz`, { signal: AbortSignal.timeout(10_000) });
    return { status: response.status, text: await response.text() };
  };
  const write = async (keys: readonly string[]): Promise<void> => {
    await broker.write(
      keys.map((key, i) => ({
        topic: 'taps',
        partition: i % PARTITIONS,
        key: Buffer.from(key),
        value: Buffer.from(`{"N":${i}}`),
        timestamp: Date.now(),
        headers: [],
      })),
    );
  };
  /** How many of the keys a topic lacks, and how many of all it has twice. */
  const faultsOf = async (topic: string, keys: readonly string[]): Promise<{ lost: number; doubled: number }> => {
    const bounds = await broker.bounds(topic);
    const reader = await broker.openReader(bounds.map(({ partition, start }) => ({ topic, partition, offset: start })));
    const left = new Map(bounds.filter(({ start, end }) => end > start).map(({ partition, end }) => [partition, end]));
    const times = new Map<string, number>();
    while (left.size > 0) {
      for (const { partition, records, nextOffset } of await reader.poll(200)) {
        for (const { key } of records) {
          const name = Buffer.from(key ?? []).toString();
          times.set(name, (times.get(name) ?? 0) + 1);
        }
        if (nextOffset >= (left.get(partition) ?? 0)) left.delete(partition);
      }
    }
    await reader.close();
    const lost = keys.filter((key) => !times.has(key)).length;
    return { lost, doubled: [...times.values()].filter((each) => each > 1).length };
  };

  it(
    'says so within seconds, lives on, and loses and doubles nothing',
    async () => {
      await server.ksql(
        `CREATE STREAM taps (k VARCHAR KEY, n INT) WITH (KAFKA_TOPIC='taps', VALUE_FORMAT='JSON', PARTITIONS=${PARTITIONS});` +
          Array.from({ length: QUERIES }, (_, i) => `CREATE STREAM kept${i} AS SELECT * FROM taps EMIT CHANGES;`).join(
            '',
          ),
      );
      const written: string[] = [];
      const notTaken: string[] = [];
      const writeMore = async (): Promise<void> => {
        const keys = Array.from({ length: 1_000 }, (_, i) => `k${written.length + i}`);
        await write(keys);
        written.push(...keys);
      };
      await writeMore();
      expect((await ready()).status).toBe(200);
      for (let i = 0; i < 20; i++) await writeMore();
      signalBroker('SIGSTOP');
      // The broker finds these in its socket when it goes on, and beside them what was sent again: whoever waited is told yes or no.
      const underWay = Array.from({ length: 1_000 }, (_, i) => `under way ${i}`);
      const wasTaken = write(underWay).then(
        () => true,
        () => false,
      );
      const silentSinceMs = performance.now();
      const asked = Array.from({ length: 20 }, () => server.post('/ksql', { ksql: 'SHOW TOPICS;' }));
      const made = server.ksql("CREATE STREAM made (n INT) WITH (KAFKA_TOPIC='taps', VALUE_FORMAT='JSON');");
      const answered = Promise.allSettled([...asked, made]);
      try {
        await eventually('it is not ready', 10_000, async () => expect((await ready()).status).toBe(503));
        expect((await ready()).text).toMatch(/"kafka":\{"status":"down","reason":"no broker answer/);
        while (performance.now() < silentSinceMs + silenceMs) {
          await Promise.all([ready(), delay(500)]);
        }
      } finally {
        signalBroker('SIGCONT');
      }
      await answered;
      if (await wasTaken) written.push(...underWay);
      await eventually('it is ready again', 60_000, async () => expect((await ready()).status).toBe(200));
      await writeMore();
      // The silence may have cost it its lease, which it notices at its next use: it says so, and has it again within seconds.
      await eventually('a statement is taken', 30_000, async () => {
        const ksql = "CREATE OR REPLACE STREAM made_later (n INT) WITH (KAFKA_TOPIC='taps', VALUE_FORMAT='JSON');";
        const answer = await server.post('/ksql', { ksql });
        if (answer.status !== 200 && answer.status !== 503) notTaken.push(await answer.text());
        expect(answer.status).toBe(200);
      });
      expect(notTaken).toEqual([]);
      for (const topic of ['taps', ...Array.from({ length: QUERIES }, (_, i) => `KEPT${i}`)])
        await eventually(`${topic} has all once`, 60_000, async () =>
          expect(await faultsOf(topic, written)).toEqual({ lost: 0, doubled: 0 }),
        );
    },
    limitMs,
  );
});
