import {
  BrokerUnavailableError,
  RecordsRefusedError,
  type Broker,
  type BrokerReader,
  type CommittedOffset,
  type NewTopic,
  type PartitionOffset,
  type TopicDescription,
  type TransactionalWriter,
  type WriteRecord,
} from '../../ports/broker.js';
import { sleep } from '../../ports/scheduler.js';
import { ClientLink } from './client-link.js';
import { ClientTopics } from './client-topics.js';
import { FaultPlan, type Fault, type Operation } from './fault-plan.js';
import type { MemoryCluster } from './memory-cluster.js';
import { MemoryReader } from './memory-reader.js';
import { logsOf, MemoryWriter } from './memory-writer.js';
import { produce } from './produce.js';

/** What the Kafka adapter keeps free for a batch's own header. */
const BATCH_OVERHEAD_BYTES = 1_024;
/** How long is waited for a transaction that decides offsets, and how often it is looked. */
const OFFSETS_WAIT_MS = 30_000;
const OFFSETS_LOOK_MS = 10;

/** The `Broker` port of one process over a cluster in memory. */
export class MemoryBroker implements Broker {
  readonly faults: FaultPlan;
  /** To freeze or stop this process. */
  readonly link: ClientLink;
  readonly #topics: ClientTopics;
  #isClosed = false;

  constructor(
    private readonly cluster: MemoryCluster,
    faults: readonly Fault[] = [],
  ) {
    this.faults = new FaultPlan(faults, cluster.options.random);
    this.link = new ClientLink(cluster, this.faults);
    this.#topics = new ClientTopics(cluster, this.link);
  }

  clusterId(): Promise<string> {
    return this.#request('metadata', () => 'memory');
  }

  listTopics(): Promise<ReadonlyMap<string, TopicDescription>> {
    return this.#request('metadata', () => this.cluster.listTopics());
  }

  createTopics(topics: readonly NewTopic[]): Promise<void> {
    return this.#request('createTopics', () => this.cluster.createTopics(topics));
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    this.#topics.forget();
    await this.#request('deleteTopics', () => this.cluster.deleteTopics(topics));
  }

  deleteGroup(groupId: string): Promise<void> {
    return this.#request('deleteGroup', () => this.cluster.groups.deleteGroup(groupId));
  }

  bounds(topic: string) {
    return this.#request('bounds', () =>
      this.cluster.topic(topic).logs.map(({ partition, start, stableEnd: end }) => ({ partition, start, end })),
    );
  }

  committedOffsets(groupId: string, topics: readonly string[]): Promise<readonly CommittedOffset[]> {
    const { groups, occurrences, options } = this.cluster;
    return this.#request('committedOffsets', async () => {
      for (const topic of topics) this.cluster.topic(topic);
      const startedMs = options.clock.nowMs();
      while (!groups.isStable(groupId, topics)) {
        occurrences.add('offsetsAwaited');
        if (options.clock.nowMs() - startedMs > OFFSETS_WAIT_MS) {
          throw new BrokerUnavailableError(`read offsets of group ${groupId}: UNSTABLE_OFFSET_COMMIT`);
        }
        await sleep(options.scheduler, OFFSETS_LOOK_MS);
      }
      return groups.committed(groupId, topics, options.clock.nowMs());
    });
  }

  openReader(positions: readonly PartitionOffset[], bytesMax?: number): Promise<BrokerReader> {
    return MemoryReader.open(this.cluster, this.link, positions, bytesMax);
  }

  openWriter(transactionalId: string): Promise<TransactionalWriter> {
    return MemoryWriter.open(this.cluster, this.link, transactionalId);
  }

  async write(records: readonly WriteRecord[]): Promise<readonly number[]> {
    const offsets: number[] = [];
    try {
      const placed = await this.#topics.place(records);
      for (const parts of Map.groupBy(placed, ({ leader }) => leader).values()) {
        const { taken, refused } = await this.#request(
          'write',
          () => produce(this.cluster, parts, undefined),
          logsOf(this.cluster, parts),
        );
        for (const { entry, offset } of taken) offsets[entry] = offset;
        if (refused[0]) throw new RecordsRefusedError(refused[0].topic, refused[0].reason);
      }
      return offsets;
    } catch (error) {
      this.#topics.forget();
      throw error;
    }
  }

  recordBytesMax(topic: string): Promise<number> {
    return this.#request('metadata', () => this.cluster.topic(topic).settings.messageBytesMax - BATCH_OVERHEAD_BYTES);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #request<T>(operation: Operation, arrive: () => T | Promise<T>, about?: Parameters<ClientLink['request']>[2]) {
    if (this.#isClosed) return Promise.reject(new BrokerUnavailableError('the connection was closed'));
    return this.link.request(operation, arrive, about);
  }
}
