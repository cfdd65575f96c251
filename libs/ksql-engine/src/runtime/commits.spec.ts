import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, ConsumedOffsets, TransactionalWriter } from '../ports/broker.js';
import { Commits } from './commits.js';
import type { Commit } from './group-commit.js';

const IDS = ['commits', 'bulk-commits', ...[0, 1, 2, 3].map((lane) => `commits-alone-${lane}`)].map(
  (id) => `spec-${id}`,
);
const commitOf = (groupId: string): Commit => ({
  records: [],
  consumed: { groupId, offsets: [] },
  onRefused: async () => [],
});

/** Writers by their ids: how often each was opened, which are open, what went through which. */
class FakeBroker {
  readonly opened: string[] = [];
  readonly open = new Set<string>();
  readonly transactions: string[] = [];
  readonly held = new Map<string, Promise<void>>();

  readonly broker = {
    openWriter: async (id: string): Promise<TransactionalWriter> => {
      this.opened.push(id);
      this.open.add(id);
      return {
        commit: async (_: unknown, consumed: readonly ConsumedOffsets[]) => {
          const groups = consumed.map(({ groupId }) => groupId).join('+');
          this.transactions.push(`${id}: ${groups}`);
          await this.held.get(groups);
        },
        close: async () => {
          this.open.delete(id);
        },
      };
    },
  } as unknown as Broker;
}

describe('the commits of an engine', () => {
  it('know all that an earlier process may have left open: each id is opened before anybody reads back', async () => {
    const fake = new FakeBroker();
    const commits = new Commits(fake.broker, 'spec');
    await commits.settle();
    expect(fake.opened.sort()).toEqual(IDS.sort());
    // Those that are for trouble only hold no connection while there is none.
    await delay(0);
    expect([...fake.open].sort()).toEqual(['spec-bulk-commits', 'spec-commits']);
  });

  it('lets queries that commit alone have a transaction each, and none wait for one that hangs', async () => {
    const fake = new FakeBroker();
    const commits = new Commits(fake.broker, 'spec');
    const hanging = Promise.withResolvers<void>();
    fake.held.set('hangs', hanging.promise);
    const hung = commits.commit(commitOf('hangs'), { isAlone: true });
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => commits.commit(commitOf(id), { isAlone: true })));
    await commits.commit(commitOf('together'), { isAlone: false });
    const lanes = fake.transactions.map((transaction) => transaction.replace(/^spec-commits-alone-\d/, 'alone'));
    expect(lanes.sort()).toEqual([
      ...['a', 'b', 'c', 'd', 'e', 'hangs'].map((id) => `alone: ${id}`),
      'spec-commits: together',
    ]);
    hanging.resolve();
    await hung;
    await commits.close();
    expect(fake.open.size).toBe(0);
  });
});
