import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomFreePorts } from '@isobar/local-stack/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { attack, KINDS } from '../fuzz/attack.js';
import { requireWorking } from '../fuzz/require-working.js';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';

/** FUZZ_REQUESTS sets the number of inputs, FUZZ_SEED where they start. */
const runs = Number(process.env['FUZZ_REQUESTS'] ?? 10_000);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_101);

describe('broken requests end no process', () => {
  describe('of ksql-server', () => {
    let running: ServerOnKafka | undefined;
    beforeAll(async () => (running = await startServerOnKafka()), 120_000);
    afterAll(() => running?.stop(), 60_000);

    it('by HTTP/1.1, HTTP/2, WebSocket and REST; a query flows afterwards', async () => {
      const { server } = running!;
      await server.ksql(
        "CREATE STREAM S (K VARCHAR KEY, A INT, B INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);" +
          'CREATE TABLE T AS SELECT K AS ID, COUNT(*) AS N FROM S GROUP BY K EMIT CHANGES;' +
          "INSERT INTO S (K, A, B) VALUES ('a', 1, 2);",
      );
      const { answered } = await attack({ port: server.port, kinds: KINDS, seed, runs, alivePath: '/info' });
      expect(answered).toBeGreaterThan(runs / 2);
      await requireWorking(server);
      expect(server.output).not.toMatch(/for a reason of the server/);
    }, 600_000);
  });

  describe('of a service on Nest, with its broker away', () => {
    let port = 0;
    let child: ChildProcess | undefined;
    let output = '';
    beforeAll(async () => {
      [port = 0] = await randomFreePorts(1);
      const main = fileURLToPath(new URL('../../sensor-sim/dist/main.js', import.meta.url));
      child = spawn(process.execPath, [main], {
        cwd: fileURLToPath(new URL('../../..', import.meta.url)),
        env: { PATH: process.env['PATH'] ?? '', PORT: String(port), KAFKA_BROKERS: '127.0.0.1:1', LOG_LEVEL: 'fatal' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => (output += String(chunk)));
      const deadline = performance.now() + 60_000;
      while (!(await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.ok) {
        if (child.exitCode !== null || performance.now() > deadline)
          throw new Error(`sensor-sim does not answer:\n${output}`);
        await delay(100);
      }
    }, 90_000);
    afterAll(() => void child?.kill('SIGKILL'));

    it('by HTTP/1.1, HTTP/2, WebSocket and REST', async () => {
      const { answered } = await attack({ port, kinds: KINDS, seed, runs, alivePath: '/healthz' });
      expect(answered).toBeGreaterThan(runs / 2);
      expect(child?.exitCode).toBe(null);
    }, 600_000);
  });
});
