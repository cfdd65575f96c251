import { expect, it } from '@jest/globals';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../adapters/memory/memory-cluster.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { sleep } from '../ports/scheduler.js';
import { parseStatements } from '../syntax/parse.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { SimulatedScheduler } from '../testing/simulated-scheduler.js';
import { simulateTime } from '../testing/simulated-time.js';
import { KsqlEngine } from './ksql-engine.js';

/*
 * One fetch brings more garbage than may wait for a commit, so that it is committed piece by piece. A server that is killed behind any of
 * these commits goes on exactly there. As in crashes-in-memory.sim.spec.ts nothing waits for real time.
 */

const PARTITIONS = 3;
const RECORDS = 300;
const VALUE_BYTES = 60_000;
const STATEMENTS = `
  CREATE STREAM S (V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');
  CREATE STREAM F WITH (KAFKA_TOPIC='f') AS SELECT V FROM S;
`;

/** The letters of a server that is killed once so many of its transactions were committed, and of the one after it. */
async function lettersOf(commitsBeforeKill: number) {
  const random = new SeededRandom(1);
  const scheduler = new SimulatedScheduler(random, 1_700_000_000_000);
  simulateTime(scheduler);
  const cluster = new MemoryCluster({ clock: scheduler, scheduler, random, fetchBytesMax: 100_000_000 });
  const admin = new MemoryBroker(cluster);
  const open = (broker: MemoryBroker) =>
    KsqlEngine.open({
      broker,
      clock: scheduler,
      random,
      functions: createFunctionRegistry(),
      serviceId: 'sim',
      config: { 'auto.offset.reset': 'earliest' },
      commitIntervalMs: 100,
      deadLetter: ({ partition, offset }) => {
        const headers = [{ key: 'place', value: Buffer.from(`${partition}:${offset}`) }];
        return { topic: 'letters', timestamp: scheduler.nowMs(), headers };
      },
      isTransient: () => false,
      onLog: () => undefined,
      onQueryState: () => undefined,
      onCommandReplayed: () => undefined,
      onCommandFailure: () => undefined,
    });
  const live = async () => {
    await admin.createTopics([
      { topic: 's', partitions: PARTITIONS, replicas: 1, config: {} },
      { topic: 'letters', partitions: 1, replicas: 1, config: {} },
    ]);
    const first = await open(admin);
    const session = { properties: new Map<string, string>(), variables: new Map<string, string>() };
    await first.execute(parseStatements(STATEMENTS), session, () => undefined);
    await first.close();
    const value = Buffer.alloc(VALUE_BYTES, '{');
    const startMs = scheduler.nowMs();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await admin.write(
        Array.from({ length: RECORDS }, (_, n) => {
          return { topic: 's', partition, key: null, value, timestamp: startMs + partition * RECORDS + n, headers: [] };
        }),
      );
    }
    const doomed = new MemoryBroker(cluster, [
      { kind: 'stopsAfter', on: 'endTransaction', when: { nth: commitsBeforeKill } },
    ]);
    void open(doomed).catch(() => doomed.link.stop());
    await sleep(scheduler, 60_000);
    const [atKill] = await admin.bounds('letters');
    doomed.link.stop();
    const last = new MemoryBroker(cluster);
    void open(last).catch(() => last.link.stop());
    await sleep(scheduler, 60_000);
    last.link.stop();
    const reader = await admin.openReader([{ topic: 'letters', partition: 0, offset: 0 }]);
    const places: string[] = [];
    const [bound] = await admin.bounds('letters');
    for (let next = 0; next < (bound?.end ?? 0);) {
      for (const { records, nextOffset } of await reader.poll(1_000)) {
        for (const { headers } of records) places.push(Buffer.from(headers[0]?.value ?? []).toString());
        next = nextOffset;
      }
    }
    return { places, isDone: (atKill?.end ?? 0) >= PARTITIONS * RECORDS };
  };
  return scheduler.run(live());
}

it('a fetch full of garbage is committed piece by piece, and each record is a letter once wherever the server is killed', async () => {
  const expected = Array.from({ length: PARTITIONS * RECORDS }, (_, n) => `${Math.floor(n / RECORDS)}:${n % RECORDS}`);
  const wereDone: boolean[] = [];
  for (const commits of [1, 2, 3]) {
    const { places, isDone } = await lettersOf(commits);
    expect(places).toEqual(expected);
    wereDone.push(isDone);
  }
  // The pieces were commits of their own, or the first would have had all.
  expect(wereDone).toEqual([false, false, true]);
}, 120_000);
