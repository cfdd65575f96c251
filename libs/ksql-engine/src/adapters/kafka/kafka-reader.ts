import { setTimeout as delay } from 'node:timers/promises';
import {
  BrokerRefusedError,
  BrokerUnavailableError,
  CorruptRecordsError,
  OffsetOutOfRangeError,
  TopicReplacedError,
  type BrokerReader,
  type FetchedPartition,
  type PartitionOffset,
} from '../../ports/broker.js';
import { fetchSize, servedLast, type FetchSize } from '../../ports/fetch-size.js';
import { OpenFetches, PARTIAL_WAIT_MS } from '../../ports/open-fetches.js';
import { timers } from '../../ports/scheduler.js';
import { Turn } from '../../runtime/turns.js';
import type { Cluster } from './cluster.js';
import { fetchErrorClass } from './fetch-errors.js';
import { fetchRecords, type FetchedBytes } from './fetch.js';
import { brokerReason, errorNames, isRetriable } from './kafka-errors.js';
import { protocolErrors } from './protocol.js';
import { committedRecords } from './record-batch-reader.js';

const READ_COMMITTED = 1;
/** Who leads a partition that is to be looked for. */
const NOBODY = -1;
const FIRST_PAUSE_MS = 10;
const PAUSE_MAX_MS = 1_000;
/** For so long a partition may fail before that is told; longer when it was not tried meanwhile. */
const FAILING_MAX_MS = 30_000;
const FAILURES_MIN = 5;

interface Position {
  readonly topic: string;
  readonly partition: number;
  topicId: string;
  leader: number;
  offset: number;
  /** Since it was read last, and since when, by `performance.now()`. */
  failures: number;
  failingSinceMs: number;
}

type Wants = (topic: string, partition: number) => boolean;

/**
 * A group-less reader: one long poll per broker that leads any of its partitions.
 *
 * A partition that fails for a reason that may pass has no leader until one was looked for, after a pause that grows with each failure;
 * the others are read meanwhile. One that fails for half a minute, or for another reason, fails the reader.
 */
export class KafkaReader implements BrokerReader {
  /** Those that were served last are last. */
  #positions: readonly Position[];
  readonly #size: FetchSize;
  readonly #fetches = new OpenFetches<number>(timers);

  private constructor(
    private readonly cluster: Cluster,
    positions: readonly PartitionOffset[],
    bytesMax?: number,
  ) {
    this.#size = fetchSize(positions.length, bytesMax);
    this.#positions = positions.map(({ topic, partition, offset }) => {
      return { topic, partition, topicId: '', leader: NOBODY, offset, failures: 0, failingSinceMs: 0 };
    });
  }

  static async open(cluster: Cluster, positions: readonly PartitionOffset[], bytesMax?: number): Promise<KafkaReader> {
    const reader = new KafkaReader(cluster, positions, bytesMax);
    await cluster.retrying('find partition leaders', () => reader.#locate(reader.#positions));
    return reader;
  }

  async poll(maxWaitMs: number, wants?: Wants): Promise<readonly FetchedPartition[]> {
    const byLeader = new Map<number, Position[]>();
    const leavesOut = new Set<number>();
    for (const position of this.#positions) {
      const { topic, partition, leader } = position;
      if (wants && !wants(topic, partition)) leavesOut.add(leader);
      else if (!byLeader.get(leader)?.push(position)) byLeader.set(leader, [position]);
    }
    const requests = [...byLeader].map(([leader, positions]) => {
      const waitMs = leavesOut.has(leader) ? Math.min(maxWaitMs, PARTIAL_WAIT_MS) : maxWaitMs;
      const request = () => (leader === NOBODY ? this.#findLeaders(positions) : this.#fetch(leader, positions, waitMs));
      return [leader, request] as const;
    });
    return this.#fetches.poll(maxWaitMs, new Map(requests));
  }

  interrupt(): void {
    this.#fetches.interrupt();
  }

  moveTo({ topic, partition, offset }: PartitionOffset): void {
    const isMeant = (position: Position): boolean => position.topic === topic && position.partition === partition;
    this.#positions = this.#positions.map((position) => (isMeant(position) ? { ...position, offset } : position));
  }

  async close(): Promise<void> {
    await this.cluster.close();
  }

  async #findLeaders(positions: readonly Position[]): Promise<readonly FetchedPartition[]> {
    const failures = Math.max(...positions.map((position) => position.failures));
    await delay(Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1), PAUSE_MAX_MS));
    await this.cluster.retrying('find partition leaders', () => this.#locate(positions));
    return [];
  }

  /** Never those that a request is under way for: what it brings would be asked for twice. */
  async #locate(positions: readonly Position[]): Promise<void> {
    const metadata = await this.cluster.metadata([...new Set(positions.map(({ topic }) => topic))]);
    const topics = new Map(metadata.topics.map((topic) => [topic.name, topic]));
    for (const position of positions) {
      const topic = topics.get(position.topic);
      const topicId = topic?.topicId ?? '';
      if (position.topicId !== '' && position.topicId !== topicId) throw new TopicReplacedError(position.topic);
      position.topicId = topicId;
      position.leader =
        topic?.partitions.find(({ partitionIndex }) => partitionIndex === position.partition)?.leaderId ?? NOBODY;
    }
  }

  async #fetch(
    leader: number,
    positions: readonly Position[],
    maxWaitMs: number,
  ): Promise<readonly FetchedPartition[]> {
    let answer: readonly FetchedBytes[];
    try {
      const byTopic = Map.groupBy(positions, (position) => position.topicId);
      answer = await fetchRecords.async(
        await this.cluster.node(leader),
        maxWaitMs,
        1,
        this.#size.requestBytes,
        READ_COMMITTED,
        0,
        -1,
        [...byTopic].map(([topicId, entries]) => ({
          topicId,
          partitions: entries.map((entry) => ({
            partition: entry.partition,
            currentLeaderEpoch: -1,
            fetchOffset: BigInt(entry.offset),
            lastFetchedEpoch: -1,
            partitionMaxBytes: this.#size.partitionBytes,
          })),
        })),
        [],
        '',
      );
    } catch (error) {
      if (this.cluster.isClosed) throw error;
      const reason = brokerReason(error);
      if (!isRetriable(error))
        throw reason === undefined ? error : new BrokerRefusedError('fetch', reason, { cause: error });
      const said = errorNames(error).join(', ') || String(error);
      const failures = positions.map((position) => laterFailure(position, said, error));
      const failure = failures.find((each) => each !== undefined);
      if (failure) throw failure;
      return [];
    }
    const found: FetchedPartition[] = [];
    const served = new Set<Position>();
    let failure: Error | undefined;
    const turn = new Turn();
    for (const part of answer) {
      if (turn.isOver) await turn.next();
      const position = positions.find((each) => each.topicId === part.topicId && each.partition === part.partition);
      // One that was moved meanwhile has another object.
      if (position === undefined || !this.#positions.includes(position)) continue;
      const outcome = part.error === undefined ? read(position, part) : failureOf(position, part.error);
      if (outcome instanceof Error) failure ??= outcome;
      else if (outcome !== undefined) {
        found.push(outcome);
        if (outcome.bytes > 0) served.add(position);
      }
    }
    this.#positions = servedLast(this.#positions, (position) => served.has(position));
    if (failure && found.length === 0) throw failure;
    if (failure) this.#fetches.failed(failure);
    return found;
  }
}

/** Takes what an answer brought for a partition. */
function read(position: Position, part: FetchedBytes): FetchedPartition | CorruptRecordsError {
  const { topic, partition, offset } = position;
  const { records, bytes, nextOffset, corrupt } = committedRecords(part.records, part.aborted, partition, offset);
  if (corrupt && nextOffset === offset) {
    const { reason, nextOffset: end = Infinity } = corrupt;
    // No transaction that is open may be skipped with it, and no start takes an offset from behind the last stable one.
    return new CorruptRecordsError(topic, partition, offset, end <= part.lastStableOffset ? end : undefined, reason);
  }
  position.offset = nextOffset;
  position.failures = 0;
  const { lastStableOffset: endOffset, highWatermark } = part;
  return { topic, partition, records, bytes, nextOffset, endOffset, highWatermark };
}

/** What is to be told of an error of one partition; undefined for one that may pass. */
function failureOf(position: Position, name: string): Error | undefined {
  const { topic, partition, offset } = position;
  const reason = `${name}: ${protocolErrors[name]?.message ?? 'an error that is not known'}`;
  switch (fetchErrorClass(name)) {
    case 'outOfRange':
      return new OffsetOutOfRangeError(topic, partition, offset);
    case 'corrupt':
      return new CorruptRecordsError(topic, partition, offset, undefined, reason);
    case 'refused':
      return new BrokerRefusedError(`read ${topic}-${partition}`, reason, {});
    case 'later':
      return laterFailure(position, reason);
  }
}

/** Has the leader looked for, after a failure that may pass; what is to be told when none of many passed. */
function laterFailure(position: Position, reason: string, cause?: unknown): BrokerUnavailableError | undefined {
  const nowMs = performance.now();
  if (position.failures === 0) position.failingSinceMs = nowMs;
  position.failures++;
  position.leader = NOBODY;
  const failingMs = nowMs - position.failingSinceMs;
  if (failingMs <= FAILING_MAX_MS || position.failures < FAILURES_MIN) return undefined;
  position.failures = 0;
  const { topic, partition } = position;
  const seconds = Math.round(failingMs / 1_000);
  return new BrokerUnavailableError(`${topic}-${partition} could not be read for ${seconds} s: ${reason}`, { cause });
}
