import {
  BrokerUnavailableError,
  type BrokerReader,
  type FetchedPartition,
  type PartitionOffset,
  type TopicPartition,
} from '../../ports/broker.js';
import { fetchSize, servedLast } from '../../ports/fetch-size.js';
import { OpenFetches, PARTIAL_WAIT_MS } from '../../ports/open-fetches.js';
import type { ClientLink } from './client-link.js';
import { fetch, StaleLeaderError, type WantedPartition } from './fetch.js';
import type { MemoryCluster } from './memory-cluster.js';

type Wants = (topic: string, partition: number) => boolean;

/** A reader without a group: one request at a time for all that it reads. */
export class MemoryReader implements BrokerReader {
  #positions: readonly WantedPartition[];
  readonly #fetches: OpenFetches<'all'>;
  readonly #partitionBytes: number;
  #isClosed = false;

  private constructor(
    private readonly cluster: MemoryCluster,
    private readonly link: ClientLink,
    positions: readonly WantedPartition[],
    bytesMax: number | undefined,
  ) {
    const { partitionBytes } = fetchSize(positions.length, bytesMax);
    this.#partitionBytes = Math.min(partitionBytes, cluster.options.fetchBytesMax ?? Infinity);
    this.#positions = [...positions];
    this.#fetches = new OpenFetches(cluster.options.scheduler);
  }

  static async open(
    cluster: MemoryCluster,
    link: ClientLink,
    positions: readonly PartitionOffset[],
    bytesMax?: number,
  ): Promise<MemoryReader> {
    const found = await link.request('metadata', () => positions.map((position) => located(cluster, position)));
    return new MemoryReader(cluster, link, found, bytesMax);
  }

  async poll(maxWaitMs: number, wants: Wants = () => true): Promise<readonly FetchedPartition[]> {
    if (this.#isClosed) throw new BrokerUnavailableError('the reader was closed');
    const wanted = this.#positions.filter(({ topic, partition }) => wants(topic, partition));
    const waitMs = wanted.length < this.#positions.length ? Math.min(maxWaitMs, PARTIAL_WAIT_MS) : maxWaitMs;
    const requests = wanted.length === 0 ? [] : [['all', () => this.#fetch(waitMs, wanted)] as const];
    return this.#fetches.poll(maxWaitMs, new Map(requests));
  }

  interrupt(): void {
    this.#fetches.interrupt();
  }

  moveTo({ topic, partition, offset }: PartitionOffset): void {
    this.#positions = this.#positions.map((position) => {
      return position.topic === topic && position.partition === partition ? { ...position, offset } : position;
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.interrupt();
    return Promise.resolve();
  }

  async #fetch(maxWaitMs: number, wanted: readonly WantedPartition[]): Promise<readonly FetchedPartition[]> {
    const about = wanted.flatMap(({ topic, partition }) => this.cluster.findLog(topic, partition) ?? []);
    try {
      const answer = await this.link.request(
        'fetch',
        () => fetch(this.cluster, wanted, maxWaitMs, this.#partitionBytes),
        about,
      );
      // One that was moved meanwhile has another object.
      const asked = wanted.filter((position) => this.#positions.includes(position));
      const found = answer.filter((part) => asked.some((position) => isSamePlace(position, part)));
      const served = new Set(
        found.filter(({ bytes }) => bytes > 0).map(({ topic, partition }) => `${topic}/${partition}`),
      );
      const next = new Map(found.map(({ topic, partition, nextOffset }) => [`${topic}/${partition}`, nextOffset]));
      const positions = servedLast(this.#positions, ({ topic, partition }) => served.has(`${topic}/${partition}`));
      this.#positions = positions.map((position) => {
        return { ...position, offset: next.get(`${position.topic}/${position.partition}`) ?? position.offset };
      });
      return found;
    } catch (error) {
      if (!(error instanceof StaleLeaderError)) throw error;
      // Looks again who leads; the positions stay, and so does the topic that they are of.
      await this.link.request('metadata', () => {
        this.#positions = this.#positions.map((position) => {
          return { ...located(this.cluster, position), topicId: position.topicId };
        });
      });
      return [];
    }
  }
}

const isSamePlace = (a: TopicPartition, b: TopicPartition): boolean =>
  a.topic === b.topic && a.partition === b.partition;

function located(cluster: MemoryCluster, { topic, partition, offset }: PartitionOffset): WantedPartition {
  const { leaderEpoch } = cluster.log(topic, partition);
  return { topic, topicId: cluster.topic(topic).id, partition, leaderEpoch, offset };
}
