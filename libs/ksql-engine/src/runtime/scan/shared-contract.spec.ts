import { MemoryBroker } from '../../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../../adapters/memory/memory-cluster.js';
import type { Broker } from '../../ports/broker.js';
import { sleep } from '../../ports/scheduler.js';
import { brokerContract } from '../../testing/broker-contract.js';
import { RETENTION_MS } from '../../testing/broker-contract/time.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { SimulatedScheduler } from '../../testing/simulated-scheduler.js';

import { SharedScans } from './shared-scans.js';

/* Readers of shared scans keep what brokers promise of readers. */
for (const [seed, nodes] of [
  [1, 1],
  [2, 3],
] as const) {
  brokerContract(`shared-scans-seed-${seed}-nodes-${nodes}`, () => {
    const random = new SeededRandom(seed);
    const scheduler = new SimulatedScheduler(random, 1_700_000_000_000);
    const cluster = new MemoryCluster({
      clock: scheduler,
      scheduler,
      random,
      nodes,
      offsetsRetentionMs: RETENTION_MS,
      retentionCheckMs: 1_000,
    });
    return Promise.resolve({
      connect: (): Broker => {
        const broker = new MemoryBroker(cluster);
        const scans = new SharedScans({ broker, scheduler, chunkBytes: 16 * 1024 });
        return new Proxy<Broker>(broker, {
          get: (target, name) => {
            if (name === 'openReader') return scans.openReader.bind(scans);
            const found: unknown = Reflect.get(target, name, target);
            return typeof found === 'function' ? (found.bind(target) as unknown) : found;
          },
        });
      },
      nowMs: () => scheduler.nowMs(),
      wait: (ms) => sleep(scheduler, ms),
      addPartitions: async (topic, partitions) => cluster.addPartitions(topic, partitions),
      deleteRecords: async (topic, partition, before) => cluster.deleteRecords(topic, partition, before),
      corruptBatch: async (topic, partition, offset) => cluster.corruptBatch(topic, partition, offset),
      run: (work) => scheduler.run(work()),
      stop: async () => undefined,
    });
  });
}
