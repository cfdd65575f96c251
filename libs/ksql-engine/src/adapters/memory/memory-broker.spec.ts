import { brokerContract } from '../../testing/broker-contract.js';
import { RETENTION_MS } from '../../testing/broker-contract/time.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { SimulatedScheduler } from '../../testing/simulated-scheduler.js';
import { sleep } from '../../ports/scheduler.js';
import { MemoryBroker } from './memory-broker.js';
import { MemoryCluster } from './memory-cluster.js';

const STARTED_MS = 1_700_000_000_000;

for (const [seed, nodes] of [
  [1, 1],
  [2, 3],
  [3, 3],
] as const) {
  brokerContract(`memory-seed-${seed}-nodes-${nodes}`, async () => {
    const random = new SeededRandom(seed);
    const scheduler = new SimulatedScheduler(random, STARTED_MS);
    const cluster = new MemoryCluster({
      clock: scheduler,
      scheduler,
      random,
      nodes,
      offsetsRetentionMs: RETENTION_MS,
      retentionCheckMs: 1_000,
    });
    return Promise.resolve({
      connect: () => new MemoryBroker(cluster),
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
