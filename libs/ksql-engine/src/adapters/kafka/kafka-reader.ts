import {
  OffsetOutOfRangeError,
  TopicReplacedError,
  type BrokerReader,
  type FetchedPartition,
  type PartitionOffset,
} from '../../ports/broker.js';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import { fetchPath, fetchRecords } from './fetch.js';
import { pathsOf } from './kafka-errors.js';
import { committedRecords } from './record-batch-reader.js';

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_PARTITION_BYTES = 2 * 1024 * 1024;
const READ_COMMITTED = 1;

interface Position {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly leader: number;
  offset: number;
}

type Wants = (topic: string, partition: number) => boolean;

/** A group-less reader: one long poll per broker that leads any of its partitions. */
export class KafkaReader implements BrokerReader {
  #positions: Position[] = [];
  /** The request whose answer was not handed out yet. */
  #underWay: Promise<readonly FetchedPartition[]> | undefined;
  #interruption: PromiseWithResolvers<undefined> | undefined;

  private constructor(
    private readonly cluster: Cluster,
    positions: readonly PartitionOffset[],
  ) {
    this.#wanted = positions;
  }
  readonly #wanted: readonly PartitionOffset[];

  static async open(cluster: Cluster, positions: readonly PartitionOffset[]): Promise<KafkaReader> {
    const reader = new KafkaReader(cluster, positions);
    await cluster.retrying('find partition leaders', () => reader.#locate());
    return reader;
  }

  async #locate(): Promise<void> {
    const topics = [...new Set(this.#wanted.map((position) => position.topic))];
    const metadata = await this.cluster.metadata(topics);
    const current = new Map(this.#positions.map((position) => [`${position.topic}/${position.partition}`, position]));
    this.#positions = this.#wanted.map((wanted) => {
      const topic = metadata.topics.find((candidate) => candidate.name === wanted.topic);
      const partition = topic?.partitions.find((candidate) => candidate.partitionIndex === wanted.partition);
      const before = current.get(`${wanted.topic}/${wanted.partition}`);
      if (before && topic && before.topicId !== topic.topicId) throw new TopicReplacedError(wanted.topic);
      return {
        topic: wanted.topic,
        topicId: topic?.topicId ?? '',
        partition: wanted.partition,
        leader: partition?.leaderId ?? -1,
        offset: before?.offset ?? wanted.offset,
      };
    });
  }

  async poll(maxWaitMs: number, wants?: Wants): Promise<readonly FetchedPartition[]> {
    const interruption = Promise.withResolvers<undefined>();
    this.#interruption = interruption;
    if (this.#underWay === undefined && this.#wantedOf(wants).length === 0) {
      const waiting = new AbortController();
      const wait = delay(maxWaitMs, undefined, { signal: waiting.signal }).catch(() => undefined);
      await Promise.race([wait, interruption.promise]);
      waiting.abort();
      return [];
    }
    this.#underWay ??= this.#fetch(maxWaitMs, wants);
    let found: readonly FetchedPartition[] | undefined;
    try {
      found = await Promise.race([this.#underWay, interruption.promise]);
    } catch (error) {
      this.#underWay = undefined;
      throw error;
    }
    if (found === undefined) {
      // Whether or not somebody polls again: a failure of the request is told there or nowhere.
      this.#underWay.catch(() => undefined);
      return [];
    }
    this.#underWay = undefined;
    return found;
  }

  interrupt(): void {
    this.#interruption?.resolve(undefined);
  }

  #wantedOf(wants: Wants | undefined): readonly Position[] {
    return wants ? this.#positions.filter(({ topic, partition }) => wants(topic, partition)) : this.#positions;
  }

  async #fetch(maxWaitMs: number, wants: Wants | undefined): Promise<readonly FetchedPartition[]> {
    const byLeader = [...Map.groupBy(this.#wantedOf(wants), (position) => position.leader)];
    if (byLeader.length === 1 && byLeader[0]) return this.#pollLeader(...byLeader[0], maxWaitMs);
    const answers = await Promise.all(
      byLeader.map(([leader, positions]) => this.#pollLeader(leader, positions, maxWaitMs)),
    );
    return answers.flat();
  }

  async #pollLeader(
    leader: number,
    positions: readonly Position[],
    maxWaitMs: number,
  ): Promise<readonly FetchedPartition[]> {
    const byTopic = Map.groupBy(positions, (position) => position.topicId);
    try {
      const connection = await this.cluster.node(leader);
      const response = await fetchRecords.async(
        connection,
        maxWaitMs,
        1,
        MAX_BYTES,
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
            partitionMaxBytes: MAX_PARTITION_BYTES,
          })),
        })),
        [],
        '',
      );
      const found: FetchedPartition[] = [];
      for (const { topicId, partition, aborted, lastStableOffset, highWatermark, records: bytes } of response) {
        const position = positions.find((p) => p.topicId === topicId && p.partition === partition);
        if (!position) continue;
        const { records, nextOffset } = committedRecords(bytes, aborted, partition, position.offset);
        position.offset = nextOffset;
        const { topic } = position;
        found.push({ topic, partition, records, nextOffset, endOffset: lastStableOffset, highWatermark });
      }
      return found;
    } catch (error) {
      const paths = pathsOf(error, 'OFFSET_OUT_OF_RANGE');
      const lost = positions.find(({ topicId, partition }) => paths.includes(fetchPath(topicId, partition)));
      if (lost) throw new OffsetOutOfRangeError(lost.topic, lost.partition, lost.offset);
      // A moved leader or a broken connection: look again, the positions stay.
      await this.cluster.retrying('find partition leaders', async () => this.#locate());
      return [];
    }
  }

  async close(): Promise<void> {
    await this.cluster.close();
  }
}
