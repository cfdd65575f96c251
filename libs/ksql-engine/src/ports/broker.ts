import type { FetchedRecords, RecordColumns, RecordParts } from './record-columns.js';
import type { RecordHeader } from './record-header.js';

/** A place in a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}
export interface PartitionOffset extends TopicPartition {
  /** The next offset to read. */
  readonly offset: number;
}

/** What one poll brought for one partition. `nextOffset` moves past markers and aborted records too. */
export interface FetchedPartition extends TopicPartition {
  readonly records: FetchedRecords;
  /** What the records keep in memory. */
  readonly bytes: number;
  readonly nextOffset: number;
  /** The offset after the last committed record. */
  readonly endOffset: number;
  /** The offset after the last record, committed or not. */
  readonly highWatermark: number;
}

/** A record to write; without `partition` the key decides (murmur2, as Kafka's own producer does). */
export interface WriteRecord {
  readonly topic: string;
  readonly partition?: number | undefined;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
}

/** Many records for one topic; their keys decide their partitions. */
export interface TopicRecords {
  readonly topic: string;
  readonly records: RecordColumns;
  /** So many bytes at the end of each key, its window, have no part in the choice of the partition. */
  readonly windowBytes?: number;
}

/** What is written together: results by columns, few others one by one. */
export type WriteBatch = readonly (WriteRecord | TopicRecords)[];

export function countRecords(batch: WriteBatch): number {
  let count = 0;
  for (const entry of batch) count += 'records' in entry ? entry.records.length : 1;
  return count;
}

export interface TopicDescription {
  /** Another one once it was deleted and made again; undefined when not known. */
  readonly id?: string | undefined;
  readonly partitions: number;
  readonly replicas: number;
  /** How long records are kept, ms; -1 for ever; undefined when not known. */
  readonly retentionMs?: number | undefined;
}

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly config: Readonly<Record<string, string>>;
}

/** How much a reader's owner keeps of what was read and not yet processed, when it does not say: bytes, all partitions together. */
export const INPUT_BYTES_MAX = 32 * 1024 * 1024;

/** Reads chosen partitions from chosen offsets, committed records only, without a consumer group. Not concurrent. */
export interface BrokerReader {
  /**
   * Waits until something came or `maxWaitMs` passed; partitions without records are told of too, and an empty list is normal. Asks only
   * for the partitions that are wanted, all when not told; one request brings of each no more than half of its share of the bytes that
   * the reader was opened with, but always a batch, and those that brought something have their turn last. What may pass by itself (a leader that moved, a broker that is away) is tried
   * again with growing pauses, and is told of when it lasts.
   * @throws OffsetOutOfRangeError when a position no longer exists
   * @throws TopicReplacedError when a topic was deleted and made again
   * @throws CorruptRecordsError when what lies at a position cannot be read; what lies before it was handed out
   * @throws BrokerRefusedError when it may not be read
   * @throws BrokerUnavailableError when a partition could not be read for half a minute
   */
  poll(maxWaitMs: number, wants?: (topic: string, partition: number) => boolean): Promise<readonly FetchedPartition[]>;
  /** Ends the wait of the poll under way, which gives an empty list; what its request still brings comes with the next poll. */
  interrupt(): void;
  /** Goes on at another offset of a partition that it reads; what a request under way brings of it is dropped. */
  moveTo(position: PartitionOffset): void;
  close(): Promise<void>;
}

/** Committed offsets of a group, with the text that was stored beside each. */
export interface CommittedOffset extends PartitionOffset {
  readonly metadata: string;
}

/** How far a group has read, with a text beside each offset. */
export interface ConsumedOffsets {
  readonly groupId: string;
  readonly offsets: readonly CommittedOffset[];
}

/** A record that its topic does not take, whatever is tried: for its time, its size, a missing key. */
export interface RefusedRecord extends RecordParts, TopicPartition {
  /** The number of what was to be written that it belongs to. */
  readonly entry: number;
  /** The broker's name for the error and what it says. */
  readonly reason: string;
}

/** Records were to be written that the broker does not take. */
export class RecordsRefusedError extends Error {
  override readonly name = 'RecordsRefusedError';
  constructor(topic: string, reason: string) {
    super(`Topic ${topic} does not take a record: ${reason}`);
  }
}

/**
 * Writes records and consumed offsets in one transaction. Opening one ends whatever an earlier writer of the same id left
 * open (fencing), and takes until all that was committed shows. A failed commit leaves nothing visible, save one whose end was asked for and
 * not answered: what became of that shows once the next writer is open. The writer is of no more use then.
 */
export interface TransactionalWriter {
  /**
   * `onRefused` is told which records the broker does not take and gives what is written in their place; all others become visible as
   * if these had never been.
   * @throws RecordsRefusedError when there are such records and nobody who is told
   */
  commit(
    records: WriteBatch,
    consumed: readonly ConsumedOffsets[],
    onRefused?: (refused: readonly RefusedRecord[]) => Promise<WriteBatch>,
  ): Promise<void>;
  close(): Promise<void>;
}

/** The way to a Kafka cluster. Every method may throw a `BrokerUnavailableError` that is worth a retry, and a `BrokerRefusedError` that is not. */
export interface Broker {
  clusterId(): Promise<string>;
  /** @param ageMaxMs an answer of before that is at most so old will do, which spares the broker one for each query; 0: as it is now */
  listTopics(ageMaxMs?: number): Promise<ReadonlyMap<string, TopicDescription>>;
  createTopics(topics: readonly NewTopic[]): Promise<void>;
  deleteTopics(topics: readonly string[]): Promise<void>;
  /** Leaves one that others are members of: Kafka does not give it up, and its offsets mean nothing to anybody else. */
  deleteGroup(groupId: string): Promise<void>;
  /** The first offset that exists and the offset after the last committed record, per partition. */
  bounds(
    topic: string,
  ): Promise<readonly { readonly partition: number; readonly start: number; readonly end: number }[]>;
  committedOffsets(groupId: string, topics: readonly string[]): Promise<readonly CommittedOffset[]>;
  /** `bytesMax`: what its owner means to keep at once. */
  openReader(positions: readonly PartitionOffset[], bytesMax?: number): Promise<BrokerReader>;
  openWriter(transactionalId: string): Promise<TransactionalWriter>;
  /** Writes outside transactions, acknowledged by all replicas. Gives the offset of each record. */
  write(records: readonly WriteRecord[]): Promise<readonly number[]>;
  /** The largest record that a topic takes: key, value and headers, in bytes. */
  recordBytesMax(topic: string): Promise<number>;
  close(): Promise<void>;
}

/** A topic was deleted and made again under its name: no offset of the old one means anything in it. */
export class TopicReplacedError extends Error {
  override readonly name = 'TopicReplacedError';
  constructor(readonly topic: string) {
    super(`topic ${topic} was deleted and made again; the query goes on from its first record`);
  }
}
/** The cluster could not be reached or is busy electing; the same call may succeed later. */
export class BrokerUnavailableError extends Error {
  override readonly name = 'BrokerUnavailableError';
}
/** The broker refuses what it was asked, whatever is tried: a topic's name, its replicas, a setting, a policy, a permission. */
export class BrokerRefusedError extends Error {
  override readonly name = 'BrokerRefusedError';
  /** `reason`: what the broker says. */
  constructor(
    what: string,
    readonly reason: string,
    options: ErrorOptions,
  ) {
    super(`${what}: ${reason}`, options);
  }
}
/** Another process took over this transactional id: this one must stop writing at once. */
export class WriterFencedError extends Error {
  override readonly name = 'WriterFencedError';
}
/** The wanted offset was deleted or does not exist yet. */
export class OffsetOutOfRangeError extends Error {
  override readonly name = 'OffsetOutOfRangeError';
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly offset: number,
  ) {
    super(`offset ${offset} of ${topic}-${partition} is out of range: the topic was shortened or made anew`);
  }
}
/** What lies at an offset is not what a producer wrote, or not as any client can read it. It stays so, however often it is asked for. */
export class CorruptRecordsError extends Error {
  override readonly name = 'CorruptRecordsError';
  /** `nextOffset`: the first behind it, where that can be told. */
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly offset: number,
    readonly nextOffset: number | undefined,
    reason: string,
  ) {
    super(`${topic}-${partition} cannot be read from offset ${offset} on: ${reason}`);
  }
}
