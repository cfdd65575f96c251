import { describe, expect, it } from '@jest/globals';
import type { BrokerReader, TransactionalWriter, WriteRecord } from '../../ports/broker.js';
import { sleep } from '../../ports/scheduler.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { SimulatedScheduler } from '../../testing/simulated-scheduler.js';
import type { Fault, FaultKind, Operation } from './fault-plan.js';
import { MemoryBroker } from './memory-broker.js';
import { MemoryCluster } from './memory-cluster.js';
import { OCCURRENCES, type Occurrence } from './occurrences.js';

/*
 * Copies of one topic in another, each record once, over everything that a cluster may do to a process. What is tried here is the cluster:
 * a copier that keeps the rules must come out right over every seed, and each way of breaking them must show.
 */
const PARTITIONS = 3;
const RECORDS = 60;
const SEEDS = 40;
const ID = 'copier';
const KINDS: readonly FaultKind[] = [
  'requestLost',
  'answerLost',
  'late',
  'slow',
  'leaderMoves',
  'stopsBefore',
  'stopsAfter',
];
const OPERATIONS: readonly Operation[] = [
  'metadata',
  'committedOffsets',
  'fetch',
  'openWriter',
  'produce',
  'commitOffsets',
  'endTransaction',
];
/** Tried by themselves: a copier that fences first awaits no offsets, and one that loses offsets or input cannot be right. */
const ELSEWHERE: readonly Occurrence[] = [
  'offsetsAwaited',
  'offsetExpired',
  'recordsDeleted',
  'offsetOutOfRange',
  'recordRefused',
  'topicReplaced',
];

type Bug = 'reads offsets before it fences' | 'goes on after a failed commit' | 'commits offsets by themselves';
const BUGS: readonly Bug[] = [
  'reads offsets before it fences',
  'goes on after a failed commit',
  'commits offsets by themselves',
];

class Copier {
  readonly broker: MemoryBroker;
  #reader: BrokerReader | undefined;
  #writer: TransactionalWriter | undefined;

  constructor(
    private readonly scheduler: SimulatedScheduler,
    cluster: MemoryCluster,
    faults: readonly Fault[],
    private readonly bug: Bug | undefined,
  ) {
    this.broker = new MemoryBroker(cluster, faults);
    void this.#run();
  }

  /** Reads, writes and commits offsets in one transaction; begins anew after any failure. */
  async #run(): Promise<void> {
    for (;;) {
      await this.#copy().catch(() => undefined);
      await Promise.all([this.#reader?.close(), this.#writer?.close()]);
      await sleep(this.scheduler, 50);
    }
  }

  async #copy(): Promise<void> {
    const { broker, bug } = this;
    if (bug !== 'reads offsets before it fences') this.#writer = await broker.openWriter(ID);
    const committed = await broker.committedOffsets(ID, ['in']);
    if (bug === 'reads offsets before it fences') this.#writer = await broker.openWriter(ID);
    const positions = Array.from({ length: PARTITIONS }, (_, partition) => {
      return { topic: 'in', partition, offset: committed.find((known) => known.partition === partition)?.offset ?? 0 };
    });
    this.#reader = await broker.openReader(positions);
    for (;;) {
      const parts = await this.#reader.poll(200);
      const records = parts.flatMap(({ records: found }) =>
        Array.from(found, ({ partition, ...rest }): WriteRecord => ({ ...rest, topic: 'out', partition })),
      );
      if (records.length === 0) continue;
      const offsets = parts.map(({ topic, partition, nextOffset: offset }) => {
        return { topic, partition, offset, metadata: '' };
      });
      await this.#commit(records, [{ groupId: ID, offsets }]);
    }
  }

  async #commit(...[records, consumed]: Parameters<TransactionalWriter['commit']>): Promise<void> {
    try {
      if (this.bug === 'commits offsets by themselves') await this.#writer?.commit([], consumed);
      await this.#writer?.commit(records, consumed);
    } catch (error) {
      if (this.bug !== 'goes on after a failed commit') throw error;
      this.#writer = await this.broker.openWriter(ID);
    }
  }
}

async function simulate(seed: number, bug?: Bug) {
  const random = new SeededRandom(seed);
  const scheduler = new SimulatedScheduler(random, 1_700_000_000_000);
  const nodes = 1 + random.below(3);
  const cluster = new MemoryCluster({ clock: scheduler, scheduler, random, nodes, transactionTimeoutMs: 5_000 });
  const faults: readonly Fault[] = KINDS.map((kind) => {
    return { kind, on: random.pick(OPERATIONS), when: { chance: random.next() * 0.1 } };
  });
  const admin = new MemoryBroker(cluster);
  const start = (armed: readonly Fault[]): Copier => new Copier(scheduler, cluster, armed, bug);
  const values = async (topic: string): Promise<readonly (readonly string[])[]> => {
    const bounds = await admin.bounds(topic);
    const reader = await admin.openReader(bounds.map(({ partition }) => ({ topic, partition, offset: 0 })));
    const found = bounds.map((): string[] => []);
    const left = new Map(bounds.filter(({ end }) => end > 0).map(({ partition, end }) => [partition, end]));
    while (left.size > 0) {
      for (const { partition, records, nextOffset } of await reader.poll(1_000)) {
        for (const { value } of records) found[partition]?.push(Buffer.from(value ?? []).toString());
        if (nextOffset >= (left.get(partition) ?? 0)) left.delete(partition);
      }
    }
    return found.slice(0, PARTITIONS);
  };

  const live = async () => {
    const topic = (name: string) => ({ topic: name, partitions: PARTITIONS, replicas: 1, config: {} });
    await admin.createTopics([topic('in'), topic('out')]);
    const all = [start(faults)];
    for (let n = 0; n < RECORDS; n++) {
      const place = { topic: 'in', partition: random.below(PARTITIONS), timestamp: scheduler.nowMs() };
      const record = { ...place, key: null, value: Buffer.from(`${n}`), headers: [] };
      // Nothing was taken when it fails: a leader has moved.
      await admin.write([record]).catch(() => admin.write([record]));
      await sleep(scheduler, random.next() * 400);
      const { link } = (all.at(-1) as Copier).broker;
      const dice = random.next();
      if (dice < 0.05) link.stop();
      if (dice > 0.95) {
        link.freeze();
        scheduler.after(random.next() * 10_000, () => link.thaw());
      }
      if (n === RECORDS / 2) cluster.addPartitions('out', PARTITIONS + 1);
      if (!link.isStopped && dice <= 0.95) continue;
      await sleep(scheduler, random.next() < 0.2 ? 8_000 : 0);
      all.push(start(faults));
    }
    // Nothing goes wrong any more: all must be copied, and stay as it is however late what was sent before arrives.
    for (const { broker } of all) broker.link.stop();
    const last = start([]);
    await sleep(scheduler, 100_000);
    last.broker.link.stop();
    return [await values('in'), await values('out')] as const;
  };
  const [written, copied] = await scheduler.run(live());
  return { written, copied, occurrences: cluster.occurrences, endMs: scheduler.nowMs() };
}

describe('a copier on a cluster that does its worst', () => {
  it('copies each record once over every seed, and every seed repeats', async () => {
    const occurred = new Set<Occurrence>(ELSEWHERE);
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = await simulate(seed);
      expect({ seed, copied: outcome.copied }).toEqual({ seed, copied: outcome.written });
      expect(outcome.copied.flat()).toHaveLength(RECORDS);
      for (const occurrence of OCCURRENCES) if (outcome.occurrences.count(occurrence) > 0) occurred.add(occurrence);
      if (seed % 10 === 0) expect(await simulate(seed)).toEqual(outcome);
    }
    expect(OCCURRENCES.filter((occurrence) => !occurred.has(occurrence))).toEqual([]);
  }, 60_000);

  it.each(BUGS)(
    'is found out when it %s',
    async (bug) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { written, copied } = await simulate(seed, bug);
        if (JSON.stringify(written) !== JSON.stringify(copied)) return;
      }
      throw new Error('nothing of it shows');
    },
    60_000,
  );
});
