import type { KafkaClientOptions } from '../kafka-client.js';
import {
  createCluster,
  readCommitted,
  visibleMessages,
  type FetchedPartition,
  type KafkaJsCluster,
} from '../cluster/kafkajs-cluster.js';
import { describeTopics } from '../cluster/describe-topics.js';
import { brokerErrorType } from '../broker-errors.js';
import { toIncomingRecord, type IncomingRecord } from './incoming-record.js';

/** Where a topic begins and ends now, committed records only. */
export interface TopicBounds {
  readonly id: string;
  readonly partitions: ReadonlyMap<number, { readonly low: bigint; readonly high: bigint }>;
}

const maxBytesPerPartition = 1_048_576;

/**
 * Reads the partitions of one topic from positions that its owner keeps, without a consumer group: nothing needs a coordinator,
 * nothing is left behind on the broker. A failure is thrown; whoever goes on makes a new reader.
 */
export class TopicReader {
  private readonly cluster: KafkaJsCluster;
  /** Whether the cluster's metadata is about the topic. */
  private isTarget = false;

  constructor(
    options: KafkaClientOptions,
    private readonly topic: string,
  ) {
    this.cluster = createCluster(options);
  }

  /** @returns undefined when there is no such topic. @throws when no broker answers. */
  async bounds(): Promise<TopicBounds | undefined> {
    await this.cluster.connect();
    try {
      if (this.isTarget) await this.cluster.refreshMetadata();
      else await this.cluster.addTargetTopic(this.topic);
      this.isTarget = true;
    } catch (error) {
      if (brokerErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined;
      throw error;
    }
    const described = await describeTopics(await this.cluster.findControllerBroker(), [this.topic]);
    const id = described.get(this.topic)?.id;
    if (id === undefined) return undefined;
    const partitions = this.cluster
      .findTopicPartitionMetadata(this.topic)
      .map(({ partitionId }) => ({ partition: partitionId }));
    const [lows, highs] = await Promise.all([this.offsets(partitions, true), this.offsets(partitions, false)]);
    return {
      id,
      partitions: new Map(
        partitions.map(({ partition }) => [
          partition,
          { low: lows.get(partition) ?? 0n, high: highs.get(partition) ?? 0n },
        ]),
      ),
    };
  }

  /**
   * One fetch from each broker that leads a partition. Hands over what came, partition by partition, and moves the positions on, past
   * the markers of transactions too.
   *
   * @param positions the next offset of each partition
   * @param maxWaitMs how long the broker waits for something to come
   * @returns whether anything came
   */
  async fetch(
    positions: Map<number, bigint>,
    handle: (records: readonly IncomingRecord[]) => Promise<void> | void,
    maxWaitMs = 500,
  ): Promise<boolean> {
    await this.cluster.refreshMetadataIfNecessary();
    const leaders = Map.groupBy(
      this.cluster.findTopicPartitionMetadata(this.topic).filter(({ partitionId }) => positions.has(partitionId)),
      ({ leader }) => leader,
    );
    const fetches = await Promise.allSettled(
      [...leaders].map(async ([nodeId, led]) => {
        const broker = await this.cluster.findBroker({ nodeId });
        const { responses } = await broker.fetch({
          maxWaitTime: maxWaitMs,
          minBytes: 1,
          maxBytes: maxBytesPerPartition * 4,
          isolationLevel: readCommitted,
          topics: [
            {
              topic: this.topic,
              partitions: led.map(({ partitionId }) => ({
                partition: partitionId,
                fetchOffset: String(positions.get(partitionId) ?? 0n),
                maxBytes: maxBytesPerPartition,
              })),
            },
          ],
        });
        return responses.flatMap(({ partitions }) => partitions);
      }),
    );
    let hasAny = false;
    for (const fetched of fetches) {
      if (fetched.status !== 'fulfilled') continue;
      for (const partition of fetched.value) hasAny = (await this.take(partition, positions, handle)) || hasAny;
    }
    for (const fetched of fetches) if (fetched.status === 'rejected') throw fetched.reason;
    return hasAny;
  }

  close(): Promise<void> {
    return this.cluster.disconnect();
  }

  private async take(
    fetched: FetchedPartition,
    positions: Map<number, bigint>,
    handle: (records: readonly IncomingRecord[]) => Promise<void> | void,
  ): Promise<boolean> {
    const { partition, messages } = fetched;
    const from = positions.get(partition);
    const last = messages.at(-1);
    if (from === undefined || last === undefined || BigInt(last.offset) < from) return false;
    const records = visibleMessages(this.topic, String(from), fetched).map((message) =>
      toIncomingRecord({ topic: this.topic, partition }, message),
    );
    if (records.length > 0) await handle(records);
    positions.set(partition, BigInt(last.offset) + 1n);
    return true;
  }

  private async offsets(
    partitions: readonly { partition: number }[],
    fromBeginning: boolean,
  ): Promise<ReadonlyMap<number, bigint>> {
    const [found] = await this.cluster.fetchTopicsOffset([{ topic: this.topic, partitions, fromBeginning }]);
    return new Map((found?.partitions ?? []).map(({ partition, offset }) => [partition, BigInt(offset)]));
  }
}
