import kafkajs from 'kafkajs';
import { BackOff } from '../back-off.js';
import { brokerErrorType, isPermanent } from '../broker-errors.js';
import { createCluster, type KafkaJsBroker, type KafkaJsCluster } from '../cluster/kafkajs-cluster.js';
import type { KafkaClientOptions } from '../kafka-client.js';
import { toMessage, type OutgoingRecord } from './outgoing-record.js';
import { PartitionWriter, type Outcome } from './partition-writer.js';
import type { ProducerSettings } from './producer-settings.js';

const { CompressionTypes, Partitioners } = kafkajs;

const compressionTypes = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const;

const produceTimeoutMs = 30_000;
/** What a source takes meanwhile piles up: a broker that has just started is asked again soon. */
const longestPauseMs = 1_000;

interface Holder {
  readonly record: OutgoingRecord;
}

/**
 * The way of records to one topic: to the partition of their key, each partition by itself, in order. Connections are its own, so that a
 * topic that is missing concerns nobody else.
 */
export class TopicWriter<Item extends Holder> {
  private cluster: KafkaJsCluster | undefined;
  private readonly partitions = new Map<number, PartitionWriter<Item>>();
  private readonly partitionOf = Partitioners.DefaultPartitioner();
  private readonly backOff = new BackOff(longestPauseMs);
  private readonly isIdempotent: boolean;
  private missingSinceMs: number | undefined;
  private lastFailure: Error | undefined;

  constructor(
    private readonly options: KafkaClientOptions,
    private readonly topic: string,
    private readonly settings: ProducerSettings,
  ) {
    this.isIdempotent = settings.acks === 'all' || settings.acks === '-1';
  }

  /** Why the last attempt failed, until one succeeds. */
  get failure(): Error | undefined {
    return this.lastFailure;
  }

  /** Resolves when each record is delivered or refused, however long that takes; rejects when `signal` aborts. */
  async deliver(items: readonly Item[], { delivered, refused }: Outcome<Item>, signal: AbortSignal): Promise<void> {
    const outcome: Outcome<Item> = {
      delivered: (some) => {
        this.lastFailure = undefined;
        delivered(some);
      },
      refused,
    };
    let unassigned = items;
    for (;;) {
      try {
        await untilAborted(signal, async () => {
          const cluster = await this.connected();
          const known = await this.withKnownPartition(cluster, unassigned, outcome);
          unassigned = [];
          this.assign(cluster, known);
          await this.drainAll(cluster, outcome);
        });
        this.lastFailure = undefined;
        this.missingSinceMs = undefined;
        this.backOff.succeeded();
        return;
      } catch (error) {
        if (signal.aborted) {
          for (const partition of this.partitions.values()) partition.withdraw();
          throw error;
        }
        this.lastFailure = error instanceof Error ? error : new Error(String(error));
        const refusal = this.refusalOfAll(this.lastFailure);
        if (refusal !== undefined) {
          const rest = [...unassigned, ...[...this.partitions.values()].flatMap((partition) => partition.withdraw())];
          for (const item of rest) outcome.refused(item, refusal);
          return;
        }
        this.backOff.failed();
        if (this.backOff.isWorthALine)
          this.options.log.warn(
            { err: error, topic: this.topic, records: items.length },
            'Kafka did not take records; trying again',
          );
        await this.backOff.pause(signal);
        unassigned = [...this.withdrawFromMissing(), ...unassigned];
      }
    }
  }

  async close(): Promise<void> {
    await this.cluster?.disconnect();
  }

  /** What concerns the topic itself, not a record: nobody may write to it, or it has been missing for long. */
  private refusalOfAll(error: Error): Error | undefined {
    const type = brokerErrorType(error);
    if (type !== 'UNKNOWN_TOPIC_OR_PARTITION') {
      this.missingSinceMs = undefined;
      return isPermanent(error) ? error : undefined;
    }
    this.missingSinceMs ??= performance.now();
    return performance.now() - this.missingSinceMs >= this.settings['max.block.ms'] ? error : undefined;
  }

  private async connected(): Promise<KafkaJsCluster> {
    this.cluster ??= createCluster(this.options);
    await this.cluster.connect();
    await this.cluster.addTargetTopic(this.topic);
    // After a failure leaders may be others.
    if (this.lastFailure === undefined) await this.cluster.refreshMetadataIfNecessary();
    else await this.cluster.refreshMetadata();
    return this.cluster;
  }

  /** A record may name its partition; one that the topic does not have is refused. */
  private async withKnownPartition(
    cluster: KafkaJsCluster,
    items: readonly Item[],
    outcome: Outcome<Item>,
  ): Promise<readonly Item[]> {
    const isKnown = ({ record: { partition } }: Item): boolean =>
      partition === undefined ||
      cluster.findTopicPartitionMetadata(this.topic).some(({ partitionId }) => partitionId === partition);
    if (!items.every(isKnown)) await cluster.refreshMetadata();
    return items.filter((item) => {
      if (isKnown(item)) return true;
      outcome.refused(item, new Error(`the topic has no partition ${item.record.partition}`));
      return false;
    });
  }

  /** Each record gets its partition once: without a key another one would be chosen with each attempt. */
  private assign(cluster: KafkaJsCluster, items: readonly Item[]): void {
    const partitionMetadata = cluster.findTopicPartitionMetadata(this.topic);
    const byPartition = Map.groupBy(items, ({ record }) =>
      this.partitionOf({
        topic: this.topic,
        partitionMetadata: partitionMetadata as never,
        message: toMessage(record),
      }),
    );
    for (const [partition, ofPartition] of byPartition) {
      let writer = this.partitions.get(partition);
      if (writer === undefined) {
        writer = new PartitionWriter(this.isIdempotent);
        this.partitions.set(partition, writer);
      }
      writer.add(ofPartition);
    }
  }

  private async drainAll(cluster: KafkaJsCluster, outcome: Outcome<Item>): Promise<void> {
    const leaders = new Map(
      cluster.findTopicPartitionMetadata(this.topic).map(({ partitionId, leader }) => [partitionId, leader]),
    );
    const open = [...this.partitions].filter(([, writer]) => writer.hasMore);
    const results = await Promise.allSettled(
      open.map(async ([partition, writer]) => {
        // One that is not there (any more) is told so by whichever broker.
        const nodeId = leaders.get(partition) ?? cluster.getNodeIds()[0] ?? 0;
        const broker = await cluster.findBroker({ nodeId });
        await writer.drain(
          async () => (await cluster.findControllerBroker()).initProducerId({ transactionTimeout: 60_000 }),
          ({ firstSequence, ...identity }, items) =>
            this.produce(broker, identity, {
              partition,
              firstSequence,
              messages: items.map(({ record }) => toMessage(record)),
            }),
          outcome,
        );
      }),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  private async produce(
    broker: KafkaJsBroker,
    identity: { producerId: string | number; producerEpoch: number },
    partition: { partition: number; firstSequence: number; messages: readonly object[] },
  ): Promise<void> {
    await broker.produce({
      ...identity,
      acks: this.settings.acks === 'all' ? -1 : Number(this.settings.acks),
      timeout: produceTimeoutMs,
      compression: compressionTypes[this.settings['compression.type']],
      topicData: [{ topic: this.topic, partitions: [partition] }],
    });
  }

  /** Records of partitions that the topic no longer has: it was made again with fewer. Their place is chosen anew. */
  private withdrawFromMissing(): readonly Item[] {
    if (brokerErrorType(this.lastFailure) !== 'UNKNOWN_TOPIC_OR_PARTITION') return [];
    if (this.cluster === undefined || this.partitions.size === 0) return [];
    const known = new Set(this.cluster.findTopicPartitionMetadata(this.topic).map(({ partitionId }) => partitionId));
    return [...this.partitions].flatMap(([partition, writer]) => (known.has(partition) ? [] : writer.withdraw()));
  }
}

/** kafkajs cannot end a request: a stop does not wait for it. What became of the attempt is unknown then. */
async function untilAborted(signal: AbortSignal, start: () => Promise<void>): Promise<void> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('The broker did not answer before the stop.'));
    signal.addEventListener('abort', stop, { once: true });
  });
  const attempt = start();
  attempt.catch(() => undefined);
  try {
    await Promise.race([attempt, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
