import type { CompressionTypes, IHeaders } from 'kafkajs';
import { createRequire } from 'node:module';
import { createKafka, type KafkaClientOptions } from '../kafka-client.js';

/**
 * What is used of kafkajs below its producer and consumer, which it publishes no types for. Both are built for whole requests: one
 * refused partition fails all, one that moved makes all of them wait, and the consumer needs a group. Below, each partition has an
 * answer of its own. The version of kafkajs is pinned; `kafkajs-cluster.kafka.spec.ts` would see another shape.
 */
export interface KafkaJsCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** @throws UNKNOWN_TOPIC_OR_PARTITION for a topic that is not there, and forgets it again */
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[];
  findBroker(node: { nodeId: number | string }): Promise<KafkaJsBroker>;
  findControllerBroker(): Promise<KafkaJsBroker>;
  getNodeIds(): readonly string[];
  removeBroker(address: { host: string; port: number }): void;
  fetchTopicsOffset(
    topics: readonly { topic: string; partitions: readonly { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[]>;
}

export interface PartitionMetadata {
  readonly partitionId: number;
  readonly leader: number;
}

export interface KafkaJsBroker {
  readonly connectionPool: {
    readonly host: string;
    readonly port: number;
    send<Answer>(request: {
      request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<Encoded> };
      response: { decode(bytes: Buffer): Promise<Answer>; parse(answer: Answer): Promise<Answer> };
    }): Promise<Answer>;
  };
  /** `producerId` is a long in decimal. */
  initProducerId(request: { transactionTimeout: number }): Promise<{ producerId: string; producerEpoch: number }>;
  produce(request: ProduceRequest): Promise<unknown>;
  fetch(request: FetchRequest): Promise<{ responses: readonly FetchedTopic[] }>;
  /** Fails as a whole when one partition cannot be told. */
  listOffsets(request: ListOffsetsRequest): Promise<{
    responses: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[];
  }>;
}

/** What kafkajs takes for one of its encoders: what was written, under both names. */
interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

interface ProduceRequest {
  readonly acks: number;
  readonly timeout: number;
  readonly compression: CompressionTypes;
  readonly producerId: string | number;
  readonly producerEpoch: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly { partition: number; firstSequence: number; messages: readonly object[] }[];
  }[];
}

interface FetchRequest {
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolationLevel: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { partition: number; fetchOffset: string; maxBytes: number }[];
  }[];
}

interface ListOffsetsRequest {
  /** -1: a client. */
  readonly replicaId: number;
  readonly isolationLevel: number;
  readonly topics: readonly {
    readonly topic: string;
    /** `timestamp`: ms since 1970, -1 for the end, -2 for the beginning. */
    readonly partitions: readonly { readonly partition: number; readonly timestamp: number }[];
  }[];
}

interface FetchedTopic {
  readonly topicName: string;
  readonly partitions: readonly FetchedPartition[];
}

export interface FetchedPartition {
  readonly partition: number;
  readonly lastStableOffset?: string;
  readonly messages: readonly FetchedMessage[];
}

export interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders | undefined;
  readonly isControlRecord?: boolean;
}

/** The messages of one partition's fetch without those of aborted transactions and without markers. */
interface VisibleMessages {
  readonly messages: readonly FetchedMessage[];
}

const require = createRequire(import.meta.url);
const KafkaJsBatch = require('kafkajs/src/consumer/batch') as new (
  topic: string,
  fetchedOffset: string,
  partition: FetchedPartition,
) => VisibleMessages;

/** What of a fetch is to be seen: committed, no markers, not before `fromOffset` (a compressed batch comes as a whole). */
export const visibleMessages = (
  topic: string,
  fromOffset: string,
  partition: FetchedPartition,
): readonly FetchedMessage[] => new KafkaJsBatch(topic, fromOffset, partition).messages;

/** Committed records only. */
export const readCommitted = 1;

type CreateCluster = (options: {
  metadataMaxAge: number;
  allowAutoTopicCreation: boolean;
  isolationLevel: number;
}) => KafkaJsCluster;

/** Connections to the brokers that belong to nobody else. A failed request is reported, not repeated: whoever asks decides. */
export function createCluster(options: KafkaClientOptions, metadataMaxAgeMs = 60_000): KafkaJsCluster {
  const kafka = createKafka({ ...options, retry: { ...options.retry, retries: 0 } });
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const create = symbol === undefined ? undefined : (kafka as unknown as Record<symbol, CreateCluster>)[symbol];
  if (create === undefined) throw new Error('This version of kafkajs is built otherwise; see kafkajs-cluster.ts.');
  return create({ metadataMaxAge: metadataMaxAgeMs, allowAutoTopicCreation: false, isolationLevel: readCommitted });
}
