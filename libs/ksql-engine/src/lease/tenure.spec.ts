import { describe, expect, it } from '@jest/globals';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../adapters/memory/memory-cluster.js';
import { WriterFencedError, type Broker } from '../ports/broker.js';
import { timers } from '../ports/scheduler.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { LeaseTail, LeaseTopic } from './lease-topic.js';
import { openOwned, Tenure, TenureOverError } from './tenure.js';

const clock = { nowMs: () => Date.now() };
const clusterOf = () => new MemoryCluster({ clock, scheduler: timers, random: new SeededRandom(1) });
const WORD = { topic: 'out', key: null, value: Buffer.from('x'), timestamp: 0, headers: [] };

/** A server that claims a service id and commits under these ids, as long as it does not delegate others. */
async function claim(
  cluster: MemoryCluster,
  id: string,
  transactionalIds: readonly string[],
  broker: Broker = new MemoryBroker(cluster),
) {
  const lease = new LeaseTopic(broker, 'spec', 1);
  await lease.ensure();
  const server = { id, url: `http://${id}`, machine: id, pid: 1 };
  const earlierIds = async (): Promise<readonly string[]> => {
    const records = await new LeaseTail(broker, lease.topic).toEnd();
    return records.findLast(({ kind }) => kind === 'claim' || kind === 'released')?.transactionalIds ?? [];
  };
  return Tenure.claim({ broker, clock, lease, server, term: 1, transactionalIds, earlierIds });
}

describe('ids that are opened elsewhere, on another thread', () => {
  it('are fenced by an owner that knows of them by the last claim alone', async () => {
    const cluster = clusterOf();
    const thread = new MemoryBroker(cluster);
    await thread.createTopics([{ topic: 'out', partitions: 1, replicas: 1, config: {} }]);
    const first = await claim(cluster, 'a', ['commits']);
    first.delegate(['commits-of-thread-3']);
    const writer = await openOwned('commits-of-thread-3', thread, first);
    await writer.commit([WORD], []);
    await claim(cluster, 'b', ['commits']);
    await expect(writer.commit([WORD], [])).rejects.toThrow(WriterFencedError);
    expect(first.isOver).toBe(true);
    expect((await thread.bounds('out'))[0]?.end).toBeLessThanOrEqual(2);
  });

  it('are fenced after a server that never opened them has come and gone', async () => {
    const cluster = clusterOf();
    const thread = new MemoryBroker(cluster);
    const first = await claim(cluster, 'a', ['commits']);
    first.delegate(['commits-of-thread-1']);
    const writer = await openOwned('commits-of-thread-1', thread, first);
    const second = await claim(cluster, 'b', ['commits']);
    await second.release();
    await claim(cluster, 'c', ['commits']);
    await expect(writer.commit([WORD], [])).rejects.toThrow();
    await expect(openOwned('commits-of-thread-1', thread, first)).rejects.toThrow(TenureOverError);
  });
});

describe('a release', () => {
  it('waits for the confirmation under way, and lets no other begin', async () => {
    const cluster = clusterOf();
    const broker = new MemoryBroker(cluster);
    let underWay = 0;
    let most = 0;
    const openWriter = broker.openWriter.bind(broker);
    broker.openWriter = async (id) => {
      const writer = await openWriter(id);
      const commit = writer.commit.bind(writer);
      writer.commit = async (...what) => {
        most = Math.max(most, ++underWay);
        await commit(...what).finally(() => underWay--);
      };
      return writer;
    };
    const tenure = await claim(cluster, 'a', [], broker);
    const confirmed = [tenure.confirm(), tenure.confirm()];
    const released = tenure.release();
    await expect(tenure.confirm()).rejects.toThrow(TenureOverError);
    await Promise.all([...confirmed, released]);
    expect(most).toBe(1);
    const records = await new LeaseTail(broker, new LeaseTopic(broker, 'spec', 1).topic).toEnd();
    expect(records.map(({ kind }) => kind)).toEqual(['claim', 'claim', 'released']);
  });
});
