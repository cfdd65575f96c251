import { describe, expect, it } from '@jest/globals';
import {
  BrokerUnavailableError,
  OffsetOutOfRangeError,
  WriterFencedError,
  type WriteRecord,
} from '../../ports/broker.js';
import { sleep } from '../../ports/scheduler.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { SimulatedScheduler } from '../../testing/simulated-scheduler.js';
import type { Fault, FaultKind } from './fault-plan.js';
import { MemoryBroker } from './memory-broker.js';
import { MemoryCluster, type MemoryClusterOptions } from './memory-cluster.js';

const DAY_MS = 86_400_000;

/** A cluster with a topic of two partitions on two nodes. */
function onCluster(
  work: (tools: Tools) => Promise<void>,
  options: Partial<MemoryClusterOptions> = {},
): () => Promise<void> {
  const random = new SeededRandom(7);
  const scheduler = new SimulatedScheduler(random, 1_700_000_000_000);
  const cluster = new MemoryCluster({ clock: scheduler, scheduler, random, nodes: 2, ...options });
  const broker = new MemoryBroker(cluster);
  const record = (value: string, partition = 0): WriteRecord => {
    return { topic: 't', partition, key: null, value: Buffer.from(value), timestamp: scheduler.nowMs(), headers: [] };
  };
  const tools = { scheduler, cluster, broker, record };
  return () =>
    scheduler.run(
      broker.createTopics([{ topic: 't', partitions: 2, replicas: 2, config: {} }]).then(() => work(tools)),
    );
}
interface Tools {
  readonly scheduler: SimulatedScheduler;
  readonly cluster: MemoryCluster;
  readonly broker: MemoryBroker;
  record(value: string, partition?: number): WriteRecord;
}

const ends = async (broker: MemoryBroker): Promise<readonly number[]> =>
  (await broker.bounds('t')).map(({ end }) => end);

describe('time on a cluster in memory', () => {
  it(
    'takes away committed offsets that nobody renews, each by itself',
    onCluster(async ({ scheduler, cluster, broker }) => {
      const writer = await broker.openWriter('id');
      const commit = (partition: number) =>
        writer.commit([], [{ groupId: 'g', offsets: [{ topic: 't', partition, offset: 5, metadata: '' }] }]);
      await commit(0);
      await sleep(scheduler, 6 * DAY_MS);
      await commit(1);
      await sleep(scheduler, DAY_MS + 1_000);
      expect((await broker.committedOffsets('g', ['t'])).map(({ partition }) => partition)).toEqual([1]);
      expect(cluster.occurrences.count('offsetExpired')).toBe(1);
    }),
  );

  it(
    'takes away records that are too old, never what is undecided',
    onCluster(async ({ scheduler, cluster, broker, record }) => {
      await broker.createTopics([{ topic: 'kept', partitions: 1, replicas: 1, config: { 'retention.ms': '-1' } }]);
      await broker.write([record('old'), record('old', 1), { ...record('kept'), topic: 'kept' }]);
      const reader = await broker.openReader([{ topic: 't', partition: 0, offset: 0 }]);
      await sleep(scheduler, 8 * DAY_MS);
      await broker.write([record('new')]);
      expect(await broker.bounds('t')).toEqual([
        { partition: 0, start: 1, end: 2 },
        { partition: 1, start: 1, end: 1 },
      ]);
      expect(await broker.bounds('kept')).toEqual([{ partition: 0, start: 0, end: 1 }]);
      await expect(reader.poll(100)).rejects.toThrow(OffsetOutOfRangeError);
      expect(cluster.occurrences.count('recordsDeleted')).toBe(2);
    }),
  );

  it(
    'ends a transaction that stays open for too long',
    onCluster(
      async ({ scheduler, cluster, broker, record }) => {
        const process = new MemoryBroker(cluster, [{ kind: 'stopsBefore', on: 'endTransaction', when: { nth: 1 } }]);
        const stuck = new MemoryBroker(cluster, [{ kind: 'slow', on: 'endTransaction', when: { nth: 1 } }]);
        void (await process.openWriter('a')).commit([record('lost')], []);
        const commit = (await stuck.openWriter('b')).commit([record('late')], []);
        await sleep(scheduler, 50);
        await broker.write([record('behind')]);
        expect(await ends(broker)).toEqual([0, 0]);
        await expect(commit).rejects.toThrow('INVALID_TXN_STATE');
        await sleep(scheduler, 1_000);
        expect(await ends(broker)).toEqual([5, 0]);
        expect(cluster.occurrences.count('transactionTimedOut')).toBe(2);
      },
      { transactionTimeoutMs: 500 },
    ),
  );
});

describe('leaders in memory', () => {
  it(
    'move: a write fails until it was looked again, for that partition alone, and reading goes on',
    onCluster(async ({ cluster, broker, record }) => {
      const both = (value: string) => [record(value), record(value, 1)];
      await broker.write(both('1'));
      const reader = await broker.openReader([0, 1].map((partition) => ({ topic: 't', partition, offset: 0 })));
      await reader.poll(100);
      const log = cluster.log('t', 1);
      cluster.moveLeader(log);
      // Both are led by one node now: the request that goes there is partly taken.
      await expect(broker.write(both('2'))).rejects.toThrow(BrokerUnavailableError);
      await broker.write(both('3'));
      expect(await ends(broker)).toEqual([3, 2]);
      const seen: string[] = [];
      while (seen.length < 3) {
        for (const { records } of await reader.poll(100)) {
          seen.push(
            ...Array.from(records, ({ partition, value }) => `${partition}:${Buffer.from(value ?? []).toString()}`),
          );
        }
      }
      expect(seen.sort()).toEqual(['0:2', '0:3', '1:3']);
    }),
  );

  it(
    'move: of a commit some partitions are written and others are not, and nothing of it shows',
    onCluster(async ({ cluster, broker, record }) => {
      const faults: readonly Fault[] = [{ kind: 'leaderMoves', on: 'produce', when: { nth: 1 } }];
      const writer = await new MemoryBroker(cluster, faults).openWriter('id');
      await expect(writer.commit([record('a'), record('a', 1)], [])).rejects.toThrow('NOT_LEADER_OR_FOLLOWER');
      const next = await broker.openWriter('id');
      await next.commit([record('b'), record('b', 1)], []);
      await broker.openWriter('id');
      // A record, its marker of an abort, and the second record with its marker in one of them.
      expect([...(await ends(broker))].sort()).toEqual([2, 4]);
    }),
  );
});

describe('the way to a cluster in memory', () => {
  const write = async (kind: FaultKind, { scheduler, cluster, broker, record }: Tools) => {
    const process = new MemoryBroker(cluster, [{ kind, on: 'write', when: { nth: 1 } }]);
    const startedMs = scheduler.nowMs();
    let told = 'nothing';
    process.write([record('x')]).then(
      () => (told = 'taken'),
      (error: unknown) => (told = error instanceof BrokerUnavailableError ? 'no answer' : String(error)),
    );
    await sleep(scheduler, 100);
    const soon = [told, (await ends(broker))[0]];
    await sleep(scheduler, startedMs + 120_000 - scheduler.nowMs());
    return [...soon, told, (await ends(broker))[0]];
  };

  it.each<[FaultKind, readonly unknown[]]>([
    ['requestLost', ['no answer', 0, 'no answer', 0]],
    ['answerLost', ['no answer', 1, 'no answer', 1]],
    ['late', ['no answer', 0, 'no answer', 1]],
    ['slow', ['nothing', 0, 'taken', 1]],
    ['stopsBefore', ['nothing', 0, 'nothing', 0]],
    ['stopsAfter', ['nothing', 1, 'nothing', 1]],
  ])('%s: what is told and what is taken, soon and later', (kind, outcome) =>
    onCluster(async (tools) => expect(await write(kind, tools)).toEqual(outcome))(),
  );

  it(
    'a process that stood still goes on, and finds that it was fenced',
    onCluster(async ({ scheduler, cluster, broker, record }) => {
      const process = new MemoryBroker(cluster);
      const zombie = await process.openWriter('id');
      process.link.freeze();
      const commit = zombie.commit([record('zombie')], []);
      await sleep(scheduler, 60_000);
      await (await broker.openWriter('id')).commit([record('new')], []);
      process.link.thaw();
      await expect(commit).rejects.toThrow(WriterFencedError);
      expect(await ends(broker)).toEqual([2, 0]);
    }),
  );
});
