import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, ConsumedOffsets, TransactionalWriter, WriteBatch, WriteRecord } from '../ports/broker.js';
import { GroupCommit, type Commit } from './group-commit.js';

const record = (topic: string): WriteRecord => ({ topic, key: null, value: null, timestamp: 0, headers: [] });
const commitOf = (groupId: string, topics: readonly string[]): Commit => ({
  records: topics.map(record),
  consumed: { groupId, offsets: [] },
  onRefused: async () => [],
});

/** Transactions that wait to be let through, one answer each. */
class FakeCluster {
  opened = 0;
  closed = 0;
  isAway = false;
  readonly transactions: string[] = [];
  answer: () => Promise<void> = () => Promise.resolve();

  readonly openWriter = async (): Promise<TransactionalWriter> => {
    await delay(1);
    if (this.isAway) throw new Error('away');
    this.opened++;
    return {
      commit: async (records: readonly WriteRecord[], consumed: readonly ConsumedOffsets[]) => {
        this.transactions.push(
          `${consumed.map(({ groupId }) => groupId).join('+')}: ${records.map(({ topic }) => topic).join(',')}`,
        );
        await this.answer();
      },
      close: async () => {
        this.closed++;
      },
    };
  };

  groupCommit(lingerMs = 5, recordsMax = 1_000): GroupCommit {
    const broker = { openWriter: this.openWriter } as unknown as Broker;
    return new GroupCommit({ broker, transactionalId: 'spec', lingerMs, recordsMax, keepsWriter: true });
  }
}

describe('a group commit', () => {
  it('puts what is due together into one transaction, in the order of asking', async () => {
    const cluster = new FakeCluster();
    const group = cluster.groupCommit();
    await Promise.all([group.commit(commitOf('a', ['x', 'y'])), group.commit(commitOf('b', [])), delay(20)]);
    await group.commit(commitOf('c', ['z']));
    expect(cluster.transactions).toEqual(['a+b: x,y', 'c: z']);
    expect(cluster.opened).toBe(1);
  });

  it('tells each commit which of its own records are refused, and writes what each gives in their place', async () => {
    const told: string[] = [];
    const commit = (id: string, topics: readonly string[]): Commit => ({
      ...commitOf(id, topics),
      onRefused: async (refused) => {
        told.push(`${id}: ${refused.map(({ topic }) => topic).join(',')}`);
        return [record(`letter of ${id}`)];
      },
    });
    let replacing: WriteBatch = [];
    const writer: TransactionalWriter = {
      commit: async (records, _, onRefused) => {
        const refusedEntries = [1, 2, 4];
        const refused = refusedEntries.map((entry) => {
          return { ...(records[entry] as WriteRecord), entry, partition: 0, reason: '' };
        });
        replacing = (await onRefused?.(refused)) ?? [];
      },
      close: async () => undefined,
    };
    const broker = { openWriter: () => Promise.resolve(writer) } as unknown as Broker;
    const group = new GroupCommit({
      broker,
      transactionalId: 'spec',
      lingerMs: 5,
      recordsMax: 1_000,
      keepsWriter: true,
    });
    await Promise.all([
      group.commit(commit('a', ['a0', 'a1'])),
      group.commit(commit('b', ['b0'])),
      group.commit(commit('c', ['c0', 'c1', 'c2'])),
    ]);
    expect(told).toEqual(['a: a1', 'b: b0', 'c: c1']);
    expect(replacing.map(({ topic }) => topic)).toEqual(['letter of a', 'letter of b', 'letter of c']);
  });

  it('lets what comes meanwhile wait for the next transaction', async () => {
    const cluster = new FakeCluster();
    const first = Promise.withResolvers<undefined>();
    cluster.answer = () => first.promise;
    const group = cluster.groupCommit(0);
    const one = group.commit(commitOf('a', ['x']));
    await delay(10);
    const others = Promise.all([group.commit(commitOf('b', ['y'])), group.commit(commitOf('c', ['z']))]);
    await delay(10);
    expect(cluster.transactions).toEqual(['a: x']);
    first.resolve(undefined);
    await Promise.all([one, others]);
    expect(cluster.transactions).toEqual(['a: x', 'b+c: y,z']);
  });

  it('takes no further commit into a transaction that is full', async () => {
    const cluster = new FakeCluster();
    const group = cluster.groupCommit(1, 2);
    await Promise.all(['a', 'b', 'c'].map((id) => group.commit(commitOf(id, ['x']))));
    expect(cluster.transactions).toEqual(['a+b: x,x', 'c: x']);
  });

  it('tells everybody in a failed transaction, and opens a new writer for those who come later', async () => {
    const cluster = new FakeCluster();
    cluster.answer = () => Promise.reject(new Error('no'));
    const group = cluster.groupCommit();
    const answers = await Promise.allSettled([group.commit(commitOf('a', ['x'])), group.commit(commitOf('b', ['y']))]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    cluster.answer = () => Promise.resolve();
    await group.commit(commitOf('c', ['z']));
    expect(cluster.opened).toBe(2);
  });

  it('settles by a new writer when the old one has written, behind what is under way', async () => {
    const cluster = new FakeCluster();
    const group = cluster.groupCommit(0);
    await Promise.all([group.settle(), group.settle()]);
    await group.settle();
    expect(cluster.opened).toBe(1);
    const underWay = Promise.withResolvers<undefined>();
    cluster.answer = () => underWay.promise;
    const committed = group.commit(commitOf('a', ['x']));
    await delay(10);
    let isSettled = false;
    const settled = group.settle().then(() => (isSettled = true));
    await delay(10);
    expect(isSettled).toBe(false);
    underWay.resolve(undefined);
    await Promise.all([committed, settled]);
    expect(cluster.opened).toBe(2);
  });

  it('lets the first commit wait for others that are due within the linger', async () => {
    const cluster = new FakeCluster();
    const group = cluster.groupCommit(200);
    const first = group.commit(commitOf('a', ['x']));
    await delay(20);
    await Promise.all([first, group.commit(commitOf('b', ['y']))]);
    expect(cluster.transactions).toEqual(['a+b: x,y']);
  });

  it('writes a commit that is larger than a transaction should be, by itself', async () => {
    const cluster = new FakeCluster();
    const group = cluster.groupCommit(1, 2);
    await Promise.all([group.commit(commitOf('a', ['x', 'x', 'x'])), group.commit(commitOf('b', ['y']))]);
    expect(cluster.transactions).toEqual(['a: x,x,x', 'b: y']);
  });

  it('tells nobody of a refused record that is nobody’s', async () => {
    const writer: TransactionalWriter = {
      commit: async (_records, _consumed, onRefused) => {
        const stray = { ...record('x'), entry: 5, partition: 0, reason: '' };
        expect(await onRefused?.([stray])).toEqual([]);
      },
      close: async () => undefined,
    };
    const broker = { openWriter: () => Promise.resolve(writer) } as unknown as Broker;
    const group = new GroupCommit({
      broker,
      transactionalId: 'spec',
      lingerMs: 0,
      recordsMax: 1_000,
      keepsWriter: true,
    });
    await group.commit({ ...commitOf('a', ['x']), onRefused: () => Promise.reject(new Error('not to be told')) });
  });

  it('closes its writer when a transaction failed, and when it is closed itself', async () => {
    const cluster = new FakeCluster();
    const group = cluster.groupCommit(0);
    await group.close();
    cluster.answer = () => Promise.reject(new Error('fenced'));
    await expect(group.commit(commitOf('a', ['x']))).rejects.toThrow('fenced');
    expect(cluster.closed).toBe(1);
    cluster.answer = () => Promise.resolve();
    await group.commit(commitOf('a', ['x']));
    await group.close();
    expect([cluster.opened, cluster.closed]).toEqual([2, 2]);
  });

  it('settles with the writer it has when that has written nothing', async () => {
    const cluster = new FakeCluster();
    const group = cluster.groupCommit(0);
    await group.commit(commitOf('a', ['x']));
    await group.settle();
    await group.settle();
    expect([cluster.opened, cluster.closed]).toEqual([2, 1]);
  });

  it('tells who waits for it to settle that the cluster is away, and settles once it is there', async () => {
    const cluster = new FakeCluster();
    const group = cluster.groupCommit(0);
    cluster.isAway = true;
    const answers = await Promise.allSettled([group.settle(), group.settle(), group.commit(commitOf('a', ['x']))]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    cluster.isAway = false;
    await group.settle();
    expect(cluster.opened).toBe(1);
  });
});
