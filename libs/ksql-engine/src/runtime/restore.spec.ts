import { describe, expect, it } from '@jest/globals';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../adapters/memory/memory-cluster.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { SimulatedScheduler } from '../testing/simulated-scheduler.js';
import type { Topology } from '../topology/topology.js';
import { changelogTopic } from './changelogs.js';
import { restoreStores } from './restore.js';
import type { TaskStates } from './task-states.js';

const RECORDS = 40;
const RESTORED_TO = 10;
const NOW_MS = 9_000_000;

/** What is written to a state during a restore, as offset and time, when all that comes fills the cache. */
function written(writtenAtMs: number | undefined): Promise<readonly (readonly [number | undefined, number])[]> {
  const scheduler = new SimulatedScheduler(new SeededRandom(1), 1_700_000_000_000);
  const random = new SeededRandom(2);
  const cluster = new MemoryCluster({ clock: scheduler, scheduler, random, fetchBytesMax: 300 });
  const broker = new MemoryBroker(cluster);
  const topic = changelogTopic('app', 'a');
  const found: (readonly [number | undefined, number])[] = [];
  const states = {
    all: [{ isFull: true, progress: writtenAtMs === undefined ? undefined : { writtenAtMs } }],
    restoredTo: () => (writtenAtMs === undefined ? undefined : RESTORED_TO),
    write: async (_: number, places: ReadonlyMap<string, { offset: number }>, nowMs: number) =>
      void found.push([places.get('a')?.offset, nowMs]),
  };
  const store = { name: 'a', hasChangelog: true, decode: () => undefined, restore: () => undefined };
  return scheduler.run(
    (async () => {
      await broker.createTopics([{ topic, partitions: 1, replicas: 1, config: {} }]);
      for (let n = 0; n < RECORDS; n++)
        await broker.write([
          {
            topic,
            partition: 0,
            key: Buffer.from('k'),
            value: Buffer.alloc(50),
            timestamp: scheduler.nowMs(),
            headers: [],
          },
        ]);
      await restoreStores([{ stores: [store] } as unknown as Topology], {
        broker,
        applicationId: 'app',
        committed: [{ topic: 's', partition: 0, offset: 1 }],
        topics: await broker.listTopics(),
        states: states as unknown as TaskStates,
        watch: { isStopped: false, onProgress: () => undefined, onReader: () => undefined },
        nowMs: () => NOW_MS,
      });
      return found;
    })(),
  );
}

describe('a restore that is written in parts', () => {
  it('is as old as what it began with until all of it is there: deletions are kept for a day only', async () => {
    const parts = await written(1_000);
    expect(parts.length).toBeGreaterThan(3);
    for (const [offset, atMs] of parts) expect([offset, atMs]).toEqual([offset, offset === RECORDS ? NOW_MS : 1_000]);
    expect(parts.at(-1)).toEqual([RECORDS, NOW_MS]);
  });

  it('is as old as its reading where it began with nothing', async () => {
    const parts = await written(undefined);
    expect(parts.length).toBeGreaterThan(3);
    expect(new Set(parts.map(([, atMs]) => atMs))).toEqual(new Set([NOW_MS]));
  });
});
