import { describeConfigsV4, murmur2, type Connection, type MessageRecord } from '@platformatic/kafka';
import { BrokerUnavailableError, type WriteRecord } from '../../ports/broker.js';
import type { Cluster } from './cluster.js';
import { recordBytes } from '../../ports/record-bytes.js';
import { toMessage } from './message.js';

const TOPIC_RESOURCE = 2;
/** Kafka's own default of max.message.bytes. */
const MESSAGE_BYTES_DEFAULT = 1_048_588;
/** A batch's own header, with room to spare. */
const BATCH_OVERHEAD_BYTES = 1_024;
/**
 * The library writes differences between the timestamps of one batch correctly in 32 bits only (some 25 days); records that are
 * further apart go in batches of their own.
 */
const BATCH_SPAN_MS = 2 ** 31 - 1;

interface TopicFacts {
  /** Leading node of each partition. */
  readonly leaders: readonly number[];
  /** What one batch may hold. */
  readonly batchBytesMax: number;
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
   * Messages by the node that leads their partition, in rounds: one round is one request, and holds at most one batch per
   * partition, none larger than its topic takes.
   */
  async assign(records: readonly WriteRecord[]): Promise<ReadonlyMap<number, readonly MessageRecord[][]>> {
    await this.#know([...new Set(records.map((record) => record.topic))]);
    this.#keyless++;
    const byLeader = new Map<number, MessageRecord[][]>();
    const open = new Map<string, { round: number; bytes: number; firstMs: number }>();
    for (const record of records) {
      const { leaders, batchBytesMax } = this.#topics.get(record.topic) ?? { leaders: [], batchBytesMax: 0 };
      const partition = record.partition ?? this.#choose(record.key, leaders.length);
      const leader = leaders[partition] ?? -1;
      const name = `${record.topic}/${partition}`;
      const bytes = recordBytes(record);
      const firstMs = Math.max(0, Math.trunc(record.timestamp));
      let batch = open.get(name) ?? { round: 0, bytes: 0, firstMs };
      const isFull = batch.bytes + bytes > batchBytesMax || Math.abs(firstMs - batch.firstMs) > BATCH_SPAN_MS;
      if (batch.bytes > 0 && isFull) batch = { round: batch.round + 1, bytes: 0, firstMs };
      open.set(name, { ...batch, bytes: batch.bytes + bytes });
      const rounds = byLeader.get(leader) ?? [];
      byLeader.set(leader, rounds);
      (rounds[batch.round] ??= []).push(toMessage(record, partition));
    }
    return byLeader;
  }

  #choose(key: Uint8Array | null, count: number): number {
    if (count <= 1) return 0;
    if (key === null) return this.#keyless % count;
    return (murmur2(Buffer.from(key.buffer, key.byteOffset, key.byteLength)) & 0x7fff_ffff) % count;
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
