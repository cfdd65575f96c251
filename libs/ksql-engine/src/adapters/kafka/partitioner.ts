import type { Connection } from '@platformatic/kafka';
import { BrokerUnavailableError, type WriteRecord } from '../../ports/broker.js';
import type { Cluster } from './cluster.js';
import { recordBytes } from '../../ports/record-bytes.js';
import { murmur2 } from './murmur2.js';
import { RecordBatchWriter } from './record-batch-writer.js';
import { describeConfigsV4 } from './protocol.js';

const TOPIC_RESOURCE = 2;
/** Kafka's own default of max.message.bytes. */
const MESSAGE_BYTES_DEFAULT = 1_048_588;
/** A batch's own header, with room to spare. */
const BATCH_OVERHEAD_BYTES = 1_024;
interface TopicFacts {
  /** Leading node of each partition. */
  readonly leaders: readonly number[];
  /** What one batch may hold. */
  readonly batchBytesMax: number;
}

/** A batch on its way to one partition. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: RecordBatchWriter;
}

/** What one node takes, in the order of sending: one request holds at most one batch per partition. */
export interface LeaderRequests {
  readonly leader: number;
  readonly requests: readonly (readonly PartitionBatch[])[];
}

/** A partition while records are sorted into batches. */
interface OpenPartition {
  readonly leader: number;
  round: number;
  batch: PartitionBatch;
}

/** Picks partitions as Kafka's default partitioner does, and knows who leads them and how much they take at once. */
export class Partitioner {
  readonly #topics = new Map<string, TopicFacts>();
  #keyless = 0;

  constructor(private readonly cluster: Cluster) {}

  connection(leader: number): Promise<Connection> {
    return this.cluster.node(leader);
  }

  /** The largest record (see `recordBytes`) that a topic takes. */
  async recordBytesMax(topic: string): Promise<number> {
    await this.#know([topic]);
    return this.#topics.get(topic)?.batchBytesMax ?? MESSAGE_BYTES_DEFAULT - BATCH_OVERHEAD_BYTES;
  }

  /**
   * Records as batches, none larger than its topic takes, by the node that leads their partition. `onPlaced` is told the batch of each
   * record and its number in it.
   */
  async assign(
    records: readonly WriteRecord[],
    onPlaced?: (batch: PartitionBatch, index: number) => void,
  ): Promise<readonly LeaderRequests[]> {
    await this.#know(topicsOf(records));
    this.#keyless++;
    const byLeader = new Map<number, PartitionBatch[][]>();
    const open = new Map<string, OpenPartition[]>();
    let topic = '';
    let facts: TopicFacts = NO_FACTS;
    let partitions: OpenPartition[] = [];
    for (const record of records) {
      if (record.topic !== topic) {
        topic = record.topic;
        facts = this.#topics.get(topic) ?? NO_FACTS;
        partitions = open.get(topic) ?? [];
        open.set(topic, partitions);
      }
      const partition = record.partition ?? this.#choose(record.key, facts.leaders.length);
      let place = partitions[partition];
      if (place === undefined) {
        const leader = facts.leaders[partition] ?? -1;
        place = { leader, round: 0, batch: { topic, partition, records: new RecordBatchWriter() } };
        partitions[partition] = place;
        addTo(byLeader, place);
      } else if (
        place.batch.records.length + recordBytes(record) > facts.batchBytesMax &&
        place.batch.records.count > 0
      ) {
        place.round++;
        place.batch = { topic, partition, records: new RecordBatchWriter() };
        addTo(byLeader, place);
      }
      onPlaced?.(place.batch, place.batch.records.count);
      place.batch.records.append(Math.max(0, Math.trunc(record.timestamp)), record.key, record.value, record.headers);
    }
    return [...byLeader].map(([leader, requests]) => ({ leader, requests }));
  }

  #choose(key: Uint8Array | null, count: number): number {
    if (count <= 1) return 0;
    if (key === null) return this.#keyless % count;
    return (murmur2(key) & 0x7fff_ffff) % count;
  }

  /** Forgets all topics, after an error that may mean that one changed. */
  forget(): void {
    this.#topics.clear();
  }

  async #know(topics: readonly string[]): Promise<void> {
    const unknown = topics.filter((topic) => !this.#topics.has(topic));
    if (unknown.length === 0) return;
    const [metadata, sizes] = await Promise.all([this.#leaders(unknown), this.#sizes(unknown)]);
    for (const topic of metadata.topics) {
      const leaders: number[] = [];
      for (const partition of topic.partitions) leaders[partition.partitionIndex] = partition.leaderId;
      const bytesMax = sizes.get(topic.name ?? '') ?? MESSAGE_BYTES_DEFAULT;
      if (topic.name) this.#topics.set(topic.name, { leaders, batchBytesMax: bytesMax - BATCH_OVERHEAD_BYTES });
    }
  }

  #leaders(topics: readonly string[]) {
    return this.cluster.retrying('find topic leaders', async () => {
      const answer = await this.cluster.metadata(topics);
      if (answer.topics.some((topic) => topic.partitions.some((partition) => partition.leaderId < 0))) {
        throw new BrokerUnavailableError(`a partition of ${topics.join(', ')} has no leader yet`);
      }
      return answer;
    });
  }

  async #sizes(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const answer = await this.cluster.retrying('read topic sizes', async () =>
      describeConfigsV4.api.async(
        await this.cluster.any(),
        topics.map((resourceName) => ({
          resourceType: TOPIC_RESOURCE,
          resourceName,
          configurationKeys: ['max.message.bytes'],
        })),
        false,
        false,
      ),
    );
    return new Map(
      answer.results.map((result) => [result.resourceName, Number(result.configs[0]?.value ?? MESSAGE_BYTES_DEFAULT)]),
    );
  }
}

const NO_FACTS: TopicFacts = { leaders: [], batchBytesMax: 0 };

function topicsOf(records: readonly WriteRecord[]): readonly string[] {
  const topics = new Set<string>();
  let last = '';
  for (const { topic } of records) {
    if (topic !== last) topics.add(topic);
    last = topic;
  }
  return [...topics];
}

function addTo(byLeader: Map<number, PartitionBatch[][]>, { leader, round, batch }: OpenPartition): void {
  const requests = byLeader.get(leader) ?? [];
  byLeader.set(leader, requests);
  (requests[round] ??= []).push(batch);
}
