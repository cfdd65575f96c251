import {
  BrokerUnavailableError,
  type Broker,
  type BrokerReader,
  type CommittedOffset,
  type NewTopic,
  type PartitionOffset,
  type TopicDescription,
  type TransactionalWriter,
  type WriteRecord,
} from '../../ports/broker.js';
import { BROKER_TIMEOUT_MS, Cluster, type ClusterOptions } from './cluster.js';
import { errorNames } from './kafka-errors.js';
import { KafkaReader } from './kafka-reader.js';
import { KafkaTransactionalWriter } from './kafka-writer.js';
import { Partitioner } from './partitioner.js';
import { PlainWriter } from './plain-writer.js';
import {
  createTopicsV7,
  deleteGroupsV2,
  deleteTopicsV6,
  describeConfigsV4,
  listOffsetsV8,
  offsetFetchV9,
} from './protocol.js';

const EARLIEST = -2n;
const LATEST = -1n;
const READ_COMMITTED = 1;
const TOPIC_RESOURCE = 2;

/** The `Broker` port over a real Kafka cluster (tried with Kafka 4.3), on @platformatic/kafka's protocol layer. */
export class KafkaBroker implements Broker {
  readonly #cluster: Cluster;
  readonly #partitioner: Partitioner;
  readonly #plainWriter: PlainWriter;
  readonly #retentions = new Map<string, number>();
  #lastList:
    { readonly askedAtMs: number; readonly topics: Promise<ReadonlyMap<string, TopicDescription>> } | undefined;

  constructor(private readonly options: ClusterOptions) {
    this.#cluster = new Cluster(options);
    this.#partitioner = new Partitioner(this.#cluster);
    this.#plainWriter = new PlainWriter(this.#cluster, this.#partitioner);
  }

  async clusterId(): Promise<string> {
    const metadata = await this.#cluster.retrying('read cluster id', () => this.#cluster.metadata([]));
    return metadata.clusterId ?? '';
  }

  listTopics(ageMaxMs = 0): Promise<ReadonlyMap<string, TopicDescription>> {
    const last = this.#lastList;
    if (last !== undefined && performance.now() - last.askedAtMs < ageMaxMs) return last.topics;
    const list = { askedAtMs: performance.now(), topics: this.#listTopicsNow() };
    this.#lastList = list;
    list.topics.catch(() => {
      if (this.#lastList === list) this.#lastList = undefined;
    });
    return list.topics;
  }

  async #listTopicsNow(): Promise<ReadonlyMap<string, TopicDescription>> {
    const metadata = await this.#cluster.retrying('list topics', () => this.#cluster.metadata(null));
    const ids = new Map(metadata.topics.map((topic) => [topic.topicId, topic.name ?? '']));
    await this.#learnRetentions(ids);
    return new Map(
      metadata.topics.map((topic) => [
        topic.name ?? '',
        {
          id: topic.topicId,
          partitions: topic.partitions.length,
          replicas: topic.partitions[0]?.replicaNodes.length ?? 1,
          retentionMs: this.#retentions.get(topic.topicId),
        },
      ]),
    );
  }

  /** Asks for what is not known yet; a topic keeps its id as long as it lives, and hardly ever changes its retention. */
  async #learnRetentions(nameById: ReadonlyMap<string, string>): Promise<void> {
    for (const id of this.#retentions.keys()) if (!nameById.has(id)) this.#retentions.delete(id);
    const unknown = [...nameById].filter(([id, name]) => !this.#retentions.has(id) && !name.startsWith('__'));
    if (unknown.length === 0) return;
    const answer = await this.#cluster.retrying('read topic retention', async () =>
      describeConfigsV4.api.async(
        await this.#cluster.any(),
        unknown.map(([, resourceName]) => ({
          resourceType: TOPIC_RESOURCE,
          resourceName,
          configurationKeys: ['retention.ms'],
        })),
        false,
        false,
      ),
    );
    const byName = new Map(answer.results.map((result) => [result.resourceName, result.configs[0]?.value]));
    for (const [id, name] of unknown) {
      const value = byName.get(name);
      if (value !== undefined && value !== null) this.#retentions.set(id, Number(value));
    }
  }

  async createTopics(topics: readonly NewTopic[]): Promise<void> {
    if (topics.length === 0) return;
    await this.#cluster.retrying('create topics', async () => {
      try {
        await createTopicsV7.api.async(
          await this.#controller(),
          topics.map((topic) => ({
            name: topic.topic,
            numPartitions: topic.partitions,
            replicationFactor: topic.replicas,
            assignments: [],
            configs: Object.entries(topic.config).map(([name, value]) => ({ name, value })),
          })),
          BROKER_TIMEOUT_MS,
          false,
        );
      } catch (error) {
        const names = errorNames(error);
        if (names.length === 0 || names.some((name) => name !== 'TOPIC_ALREADY_EXISTS')) throw error;
      }
    });
    const wanted = topics.map((topic) => topic.topic);
    await this.#cluster.retrying('wait for new topics', async () => {
      const metadata = await this.#cluster.metadata(wanted);
      if (metadata.topics.some((topic) => topic.partitions.some((partition) => partition.leaderId < 0))) {
        throw Object.assign(new Error('no leader yet'), { apiId: 'LEADER_NOT_AVAILABLE' });
      }
    });
    this.#lastList = undefined;
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return;
    await this.#cluster.retrying('delete topics', async () => {
      try {
        await deleteTopicsV6.api.async(
          await this.#controller(),
          topics.map((name) => ({ name })),
          BROKER_TIMEOUT_MS,
        );
      } catch (error) {
        const names = errorNames(error);
        if (names.length === 0 || names.some((name) => name !== 'UNKNOWN_TOPIC_OR_PARTITION')) throw error;
      }
    });
    this.#partitioner.forget();
    // Deletion is asynchronous: brokers list the topic for a moment longer, and a creation in that moment would be refused.
    await this.#cluster.retrying('wait for deleted topics', async () => {
      const metadata = await this.#cluster.metadata(null);
      if (metadata.topics.some((topic) => topics.includes(topic.name ?? ''))) {
        throw new BrokerUnavailableError(`${topics.join(', ')} still listed`);
      }
    });
    this.#lastList = undefined;
  }

  async deleteGroup(groupId: string): Promise<void> {
    await this.#cluster.retrying('delete group', async () => {
      try {
        await deleteGroupsV2.api.async(await this.#cluster.coordinator('group', groupId), [groupId]);
      } catch (error) {
        const names = errorNames(error);
        if (!names.includes('GROUP_ID_NOT_FOUND') && !names.includes('NON_EMPTY_GROUP')) throw error;
      }
    });
  }

  async bounds(topic: string) {
    return this.#cluster.retrying(`read offsets of ${topic}`, async () => {
      const metadata = await this.#cluster.metadata([topic]);
      const partitions = metadata.topics[0]?.partitions ?? [];
      const byLeader = Map.groupBy(partitions, (partition) => partition.leaderId);
      const found = await Promise.all(
        [...byLeader].map(async ([leader, entries]) => {
          const at = async (timestamp: bigint) =>
            listOffsetsV8.api.async(await this.#cluster.node(leader), -1, READ_COMMITTED, [
              {
                name: topic,
                partitions: entries.map((entry) => ({
                  partitionIndex: entry.partitionIndex,
                  currentLeaderEpoch: -1,
                  timestamp,
                })),
              },
            ]);
          const [starts, ends] = [await at(EARLIEST), await at(LATEST)];
          return entries.map(({ partitionIndex }) => {
            const offsetIn = (answer: typeof starts) =>
              Number(
                answer.topics[0]?.partitions.find((entry) => entry.partitionIndex === partitionIndex)?.offset ?? 0n,
              );
            return { partition: partitionIndex, start: offsetIn(starts), end: offsetIn(ends) };
          });
        }),
      );
      return found.flat().sort((a, b) => a.partition - b.partition);
    });
  }

  async committedOffsets(groupId: string, topics: readonly string[]): Promise<readonly CommittedOffset[]> {
    return this.#cluster.retrying(`read offsets of group ${groupId}`, async () => {
      const metadata = await this.#cluster.metadata(topics);
      const response = await offsetFetchV9.api.async(
        await this.#cluster.coordinator('group', groupId),
        [
          {
            groupId,
            memberId: null,
            memberEpoch: -1,
            topics: metadata.topics.map((topic) => ({
              name: topic.name ?? '',
              partitionIndexes: topic.partitions.map((partition) => partition.partitionIndex),
            })),
          },
        ],
        true,
      );
      const group = response.groups[0];
      return (group?.topics ?? []).flatMap((topic) =>
        topic.partitions
          .filter((partition) => partition.committedOffset >= 0n)
          .map((partition) => ({
            topic: topic.name,
            partition: partition.partitionIndex,
            offset: Number(partition.committedOffset),
            metadata: partition.metadata ?? '',
          })),
      );
    });
  }

  openReader(positions: readonly PartitionOffset[], bytesMax?: number): Promise<BrokerReader> {
    const cluster = new Cluster({ ...this.options, clientId: `${this.options.clientId}-reader` });
    return KafkaReader.open(cluster, positions, bytesMax);
  }

  openWriter(transactionalId: string): Promise<TransactionalWriter> {
    const cluster = new Cluster({ ...this.options, clientId: `${this.options.clientId}-writer` });
    return KafkaTransactionalWriter.open(cluster, new Partitioner(cluster), transactionalId);
  }

  async write(records: readonly WriteRecord[]): Promise<readonly number[]> {
    if (records.length === 0) return [];
    try {
      return await this.#plainWriter.write(records);
    } catch (error) {
      // A topic may have been made anew, a leader may have moved: the next call looks again.
      this.#partitioner.forget();
      throw error;
    }
  }

  recordBytesMax(topic: string): Promise<number> {
    return this.#partitioner.recordBytesMax(topic);
  }

  /** In KRaft any broker forwards to the controller, so the node that answers first will do. */
  async #controller() {
    return this.#cluster.any();
  }

  async close(): Promise<void> {
    await this.#cluster.close();
  }
}
