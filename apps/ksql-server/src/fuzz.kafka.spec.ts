import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiOperations } from '../fuzz/api-operations.js';
import { attack, KSQL_KINDS, SERVICE_KINDS, type AttackReport } from '../fuzz/attack.js';
import { requireWorking } from '../fuzz/require-working.js';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';
import { SERVICES, startServiceProcess, type Service, type ServiceProcess } from './testing/service-process.js';

/** FUZZ_REQUESTS sets the number of inputs for ksql-server, and for the other services together; FUZZ_SEED where they start. */
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
      const { answered } = await attack({ port: server.port, kinds: KSQL_KINDS, seed, runs, alivePath: '/info' });
      expect(answered).toBeGreaterThan(runs / 2);
      await requireWorking(server);
      expect(server.output).not.toMatch(/for a reason of the server/);
    }, 600_000);
  });

  describe('of a service on Nest, most of its neighbours away,', () => {
    const share = Math.ceil(runs / SERVICES.length);
    const running = new Map<Service, ServiceProcess>();
    const attacks = new Map<Service, Promise<AttackReport>>();
    beforeAll(async () => {
      // Side by side: what an attack takes is mostly waiting for answers that do not come.
      const started = await Promise.allSettled(
        SERVICES.map(async (name) => running.set(name, await startServiceProcess(name))),
      );
      for (const each of started) if (each.status === 'rejected') throw each.reason;
      for (const [name, { port, url }] of running) {
        const report = apiOperations(url).then((operations) =>
          attack({ port, kinds: SERVICE_KINDS, operations, seed, runs: share, alivePath: '/healthz' }),
        );
        // Whoever looks at it is told.
        report.catch(() => undefined);
        attacks.set(name, report);
      }
    }, 180_000);
    afterAll(() => Promise.all([...running.values()].map((each) => each.stop())));

    it.each(SERVICES)(
      '%s: by HTTP/1.1, HTTP/2, WebSocket and its own operations; no answer says that the service failed',
      async (name) => {
        const report = await attacks.get(name)!;
        expect(report.failures).toEqual([]);
        expect(report.answered).toBeGreaterThan(share / 2);
        expect(running.get(name)).toMatchObject({ isAlive: true, hasFailed: false });
      },
      600_000,
    );
  });
});
