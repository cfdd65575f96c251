import { describe, expect, it, jest } from '@jest/globals';
import type { Fault, FaultKind } from '../adapters/memory/fault-plan.js';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../adapters/memory/memory-cluster.js';
import type { FetchedRecord } from '../ports/record-columns.js';
import { sleep } from '../ports/scheduler.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { SimulatedScheduler } from '../testing/simulated-scheduler.js';

/*
 * A filter and a count, killed at any request and troubled before, must write what follows from their input by definition. Nothing waits
 * for real time: what the engine takes from timers and from `performance` comes from the simulated scheduler too, so that a seed repeats.
 */

/** The time of the run under way. */
let time = new SimulatedScheduler(new SeededRandom(0));
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: (ms: number, _: unknown, options?: { readonly signal?: AbortSignal }) =>
    new Promise<void>((resolve, reject) => {
      const stop = time.after(ms, resolve);
      options?.signal?.addEventListener('abort', () => {
        stop();
        reject(new Error('aborted'));
      });
    }),
}));
jest.spyOn(performance, 'now').mockImplementation(() => time.nowMs());

const { KsqlEngine } = await import('./ksql-engine.js');
const { createFunctionRegistry } = await import('../functions/registry.js');
const { parseStatements } = await import('../syntax/parse.js');

const PARTITIONS = 3;
const RECORDS = 80;
const KEYS = ['a', 'b', 'c', 'd', 'e'];
const STATEMENTS = `
  CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA');
  CREATE STREAM F WITH (KAFKA_TOPIC='f') AS SELECT K, V FROM S WHERE V >= 50;
  CREATE TABLE C WITH (KAFKA_TOPIC='c') AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;
`;

const textOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();

/** Runs the engine over a cluster, killed wherever the faults say and started anew. */
async function simulate(seed: number, faultsOf: (random: SeededRandom) => readonly Fault[]) {
  const random = new SeededRandom(seed);
  const scheduler = new SimulatedScheduler(random, 1_700_000_000_000);
  time = scheduler;
  const [markerMaxMs, fetchBytesMax] = [random.pick([5, 1_000]), random.pick([100, 1_000_000])];
  const cluster = new MemoryCluster({ clock: scheduler, scheduler, random, markerMaxMs, fetchBytesMax });
  const admin = new MemoryBroker(cluster);
  const fatal: string[] = [];

  const open = (broker: MemoryBroker) =>
    KsqlEngine.open({
      broker,
      clock: scheduler,
      random,
      functions: createFunctionRegistry(),
      serviceId: 'sim',
      config: { 'auto.offset.reset': 'earliest' },
      commitIntervalMs: 100,
      deadLetter: () => undefined,
      isTransient: () => false,
      onLog: (entry) => fatal.push(entry.message),
      onQueryState: () => undefined,
      onCommandReplayed: () => undefined,
      onCommandFailure: (_, error) => fatal.push(String(error)),
    });

  const read = async (topic: string): Promise<readonly FetchedRecord[]> => {
    const bounds = await admin.bounds(topic);
    const reader = await admin.openReader(bounds.map(({ partition }) => ({ topic, partition, offset: 0 })));
    const left = new Map(bounds.filter(({ end }) => end > 0).map(({ partition, end }) => [partition, end]));
    const found: FetchedRecord[] = [];
    while (left.size > 0) {
      for (const { partition, records, nextOffset } of await reader.poll(1_000)) {
        found.push(...records);
        if (nextOffset >= (left.get(partition) ?? 0)) left.delete(partition);
      }
    }
    return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  };

  const live = async () => {
    await admin.createTopics([{ topic: 's', partitions: PARTITIONS, replicas: 1, config: {} }]);
    const first = await open(admin);
    const session = { properties: new Map<string, string>(), variables: new Map<string, string>() };
    await first.execute(parseStatements(STATEMENTS), session, () => undefined);
    await first.close();
    let lives = 0;
    const start = async (faults: readonly Fault[]): Promise<MemoryBroker> => {
      lives++;
      const broker = new MemoryBroker(cluster, faults);
      // A server that cannot start ends; one that is killed while it starts never answers.
      void open(broker).catch(() => broker.link.stop());
      await sleep(scheduler, 0);
      return broker;
    };
    let broker = await start(faultsOf(random));
    for (let n = 0; n < RECORDS; n++) {
      const value = Buffer.from(JSON.stringify({ V: random.below(100) }));
      const key = Buffer.from(random.pick(KEYS));
      await admin.write([{ topic: 's', key, value, timestamp: scheduler.nowMs(), headers: [] }]);
      await sleep(scheduler, random.next() * 200);
      if (broker.link.isStopped) broker = await start(faultsOf(random));
    }
    broker.link.stop();
    const last = await start([]);
    await sleep(scheduler, 120_000);
    last.link.stop();
    return { input: await read('s'), filtered: await read('f'), counted: await read('c'), lives };
  };
  const outcome = await scheduler.run(live());
  return { ...outcome, fatal, occurrences: cluster.occurrences, endMs: scheduler.nowMs() };
}

/** What the queries must have written, by definition. */
function judge({ input, filtered, counted, fatal }: Awaited<ReturnType<typeof simulate>>) {
  const shown = ({ partition, key, value }: FetchedRecord) => `${partition} ${textOf(key)} ${textOf(value)}`;
  const wanted = input.filter(({ value }) => (JSON.parse(textOf(value)) as { V: number }).V >= 50);
  const counts: Record<string, number> = {};
  for (const { key } of input) counts[textOf(key)] = (counts[textOf(key)] ?? 0) + 1;
  const told: Record<string, number[]> = {};
  for (const { key, value } of counted) {
    (told[textOf(key)] ??= []).push((JSON.parse(textOf(value)) as { N: number }).N);
  }
  return {
    fatal,
    filtered: [filtered.map(shown), wanted.map(shown)],
    counted: [Object.fromEntries(Object.entries(told).map(([key, all]) => [key, all.at(-1)])), counts],
    /** A count that was told twice or went back. */
    wrong: Object.values(told).flatMap((all) => all.filter((count, at) => count <= (all[at - 1] ?? 0))),
  };
}

const OPERATIONS = ['fetch', 'produce', 'commitOffsets', 'endTransaction', 'committedOffsets'] as const;
const HICCUPS: readonly FaultKind[] = ['requestLost', 'answerLost', 'late', 'slow'];

describe('queries that are killed', () => {
  it('write what they should, once, wherever it happens', async () => {
    let [lives, aborted] = [0, 0];
    for (let seed = 1; seed <= 20; seed++) {
      const outcome = await simulate(seed, (random) => {
        const fault = (kind: FaultKind): Fault => {
          return { kind, on: random.pick(OPERATIONS), when: { nth: 1 + random.below(9) } };
        };
        return [fault(random.pick(HICCUPS)), fault(random.pick(['stopsBefore', 'stopsAfter']))];
      });
      const { fatal, filtered, counted, wrong } = judge(outcome);
      expect({ seed, fatal, wrong }).toEqual({ seed, fatal: [], wrong: [] });
      expect({ seed, filtered: filtered[0] }).toEqual({ seed, filtered: filtered[1] });
      expect({ seed, counted: counted[0] }).toEqual({ seed, counted: counted[1] });
      lives += outcome.lives;
      aborted += outcome.occurrences.count('transactionAborted');
    }
    expect(lives).toBeGreaterThan(60);
    expect(aborted).toBeGreaterThan(20);
  }, 120_000);

  it('repeat to the byte', async () => {
    const once = () => simulate(5, () => [{ kind: 'stopsAfter', on: 'endTransaction', when: { nth: 6 } }]);
    expect(await once()).toEqual(await once());
  }, 60_000);
});
