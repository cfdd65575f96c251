import { BrokerUnavailableError, type RefusedRecord } from '../../ports/broker.js';
import type { PlacedPartition, PlacedRecord } from './client-topics.js';
import type { MemoryCluster } from './memory-cluster.js';
import type { ProducerIdentity } from './transaction-coordinator.js';

interface TakenRecord {
  readonly entry: number;
  readonly offset: number;
}

export interface ProduceAnswer {
  readonly taken: readonly TakenRecord[];
  readonly refused: readonly RefusedRecord[];
}

/** What one node does with records for partitions that it leads: each partition by itself takes them or fails. */
export async function produce(
  cluster: MemoryCluster,
  parts: readonly PlacedPartition[],
  producer: ProducerIdentity | undefined,
): Promise<ProduceAnswer> {
  if (producer) await cluster.transactions.ready(producer);
  const taken: TakenRecord[] = [];
  const refused: RefusedRecord[] = [];
  const failures: unknown[] = [];
  for (const part of parts) {
    try {
      takePart(cluster, part, producer, taken, refused);
    } catch (error) {
      failures.push(error);
    }
  }
  cluster.changed();
  if (failures.length === 0) return { taken, refused };
  if (failures.length < parts.length) cluster.occurrences.add('partlyProduced');
  throw failures[0];
}

function takePart(
  cluster: MemoryCluster,
  { topic, partition, leaderEpoch, records }: PlacedPartition,
  producer: ProducerIdentity | undefined,
  taken: TakenRecord[],
  refused: RefusedRecord[],
): void {
  const log = cluster.log(topic, partition);
  if (log.leaderEpoch !== leaderEpoch) {
    cluster.occurrences.add('leaderStale');
    throw new BrokerUnavailableError(`${topic}-${partition}: NOT_LEADER_OR_FOLLOWER`);
  }
  if (producer) cluster.transactions.enter(producer, log);
  const { settings } = cluster.topic(topic);
  const nowMs = cluster.options.clock.nowMs();
  const good: PlacedRecord[] = [];
  for (const placed of records) {
    const reason = settings.refusalOf(placed.record, nowMs);
    if (reason === undefined) good.push(placed);
    else refused.push({ ...placed.record, topic, partition, entry: placed.entry, reason });
  }
  cluster.occurrences.add('recordRefused', records.length - good.length);
  // Outside transactions nothing of a batch is taken in which one record is refused.
  if (good.length === 0 || (good.length < records.length && producer === undefined)) return;
  const firstOffset = log.append(
    good.map(({ record }) => (settings.hasAppendTime ? { ...record, timestamp: nowMs } : record)),
    producer?.producerId,
  );
  good.forEach(({ entry }, index) => taken.push({ entry, offset: firstOffset + index }));
}
