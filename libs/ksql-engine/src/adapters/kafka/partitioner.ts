import { murmur2, type Connection, type MessageRecord } from '@platformatic/kafka';
import { BrokerUnavailableError, type WriteRecord } from '../../ports/broker.js';
import type { Cluster } from './cluster.js';
import { toMessage } from './message.js';

/** Picks partitions as Kafka's default partitioner does, and knows who leads them. */
export class Partitioner {
  readonly #leaders = new Map<string, readonly number[]>();
  #keyless = 0;

  constructor(private readonly cluster: Cluster) {}

  connection(leader: number): Promise<Connection> {
    return this.cluster.node(leader);
  }

  /** Messages by the node that leads their partition. */
  async assign(records: readonly WriteRecord[]): Promise<ReadonlyMap<number, MessageRecord[]>> {
    await this.#know(records);
    this.#keyless++;
    const byLeader = new Map<number, MessageRecord[]>();
    for (const record of records) {
      const leaders = this.#leaders.get(record.topic) ?? [];
      const partition = record.partition ?? this.#choose(record.key, leaders.length);
      const leader = leaders[partition] ?? -1;
      const messages = byLeader.get(leader);
      if (messages) messages.push(toMessage(record, partition));
      else byLeader.set(leader, [toMessage(record, partition)]);
    }
    return byLeader;
  }

  #choose(key: Uint8Array | null, count: number): number {
    if (count <= 1) return 0;
    if (key === null) return this.#keyless % count;
    return (murmur2(Buffer.from(key.buffer, key.byteOffset, key.byteLength)) & 0x7fff_ffff) % count;
  }

  /** Forgets leaders, after an error that may mean that one moved. */
  forget(): void {
    this.#leaders.clear();
  }

  async #know(records: readonly WriteRecord[]): Promise<void> {
    const unknown = [...new Set(records.map((record) => record.topic))].filter((topic) => !this.#leaders.has(topic));
    if (unknown.length === 0) return;
    const metadata = await this.cluster.retrying('find topic leaders', async () => {
      const answer = await this.cluster.metadata(unknown);
      if (answer.topics.some((topic) => topic.partitions.some((partition) => partition.leaderId < 0))) {
        throw new BrokerUnavailableError(`a partition of ${unknown.join(', ')} has no leader yet`);
      }
      return answer;
    });
    for (const topic of metadata.topics) {
      const leaders: number[] = [];
      for (const partition of topic.partitions) leaders[partition.partitionIndex] = partition.leaderId;
      if (topic.name) this.#leaders.set(topic.name, leaders);
    }
  }
}
