import {
  BrokerUnavailableError,
  TopicReplacedError,
  type Broker,
  type BrokerReader,
  type PartitionOffset,
} from '../../ports/broker.js';
import { fetchSize } from '../../ports/fetch-size.js';
import { timers, type Scheduler } from '../../ports/scheduler.js';
import { ChunkCache } from './chunk-cache.js';
import { ScanReader } from './scan-reader.js';
import { TopicScan } from './topic-scan.js';

/** What a fetch for all brings of a partition, bytes. A reader whose share of its own is smaller reads by itself. */
const CHUNK_BYTES = 512 * 1024;
/** What is kept of what was fetched for those who are a little behind, bytes, all topics together. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;

export interface SharedScansOptions {
  readonly broker: Pick<Broker, 'listTopics' | 'openReader'>;
  readonly scheduler?: Scheduler | undefined;
  readonly chunkBytes?: number;
  readonly keptBytesMax?: number;
}

/**
 * Fetches for all queries of a process: what one of them reads of a topic, those that stand at the same offsets read with it, and those that
 * come there soon after. A batch is fetched, checked, unpacked and taken apart once for all of them.
 *
 * Nobody waits for anybody. A fetch is made for who stands at an offset and goes to all who stand there; what it brought is kept for a while
 * and found by its offsets. So who is far behind fetches for itself until it comes to something that is kept, and is with the others from
 * there on; who is slower than the others finds what they read until that is not kept any more; and who pauses or ends is missed by nobody.
 */
export class SharedScans {
  readonly #chunks: ChunkCache;
  /** By topic and its id: one that was made again is another. */
  readonly #scans = new Map<string, TopicScan>();
  readonly #scheduler: Scheduler;
  readonly #chunkBytes: number;

  constructor(private readonly options: SharedScansOptions) {
    this.#scheduler = options.scheduler ?? timers;
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
    this.#chunks = new ChunkCache(options.keptBytesMax ?? KEPT_BYTES_MAX);
  }

  /** What is kept for those who come later, bytes. */
  get keptBytes(): number {
    return this.#chunks.bytes;
  }

  /** As the broker's `openReader`. */
  async openReader(positions: readonly PartitionOffset[], bytesMax?: number): Promise<BrokerReader> {
    const { broker } = this.options;
    const { partitionBytes, requestBytes } = fetchSize(positions.length, bytesMax);
    if (partitionBytes < this.#chunkBytes) return broker.openReader(positions, bytesMax);
    const topics = [...new Set(positions.map(({ topic }) => topic))];
    const ids = await this.#idsOf(topics);
    // The broker says best why it knows one of them not.
    if (ids.size < topics.length) return broker.openReader(positions, bytesMax);
    const scans = new Map(topics.map((topic) => [topic, this.#scanOf(topic, ids.get(topic) ?? '')]));
    for (const scan of scans.values()) scan.attach();
    return new ScanReader(
      positions,
      (topic) => scans.get(topic) as TopicScan,
      this.#scheduler,
      requestBytes,
      async () => {
        const closing = [...scans].map(([topic, scan]) => {
          const closed = scan.detach();
          const key = keyOf(topic, ids.get(topic) ?? '');
          // Not once its lanes are closed: who comes meanwhile would keep it, and share it with nobody who comes later.
          if (scan.isUnused && this.#scans.get(key) === scan) this.#scans.delete(key);
          return closed;
        });
        await Promise.all(closing);
      },
    );
  }

  #scanOf(topic: string, id: string): TopicScan {
    const key = keyOf(topic, id);
    const known = this.#scans.get(key);
    if (known !== undefined) return known;
    const scan = new TopicScan({
      topic,
      chunks: this.#chunks,
      scheduler: this.#scheduler,
      open: (positions) => this.#open(topic, id, positions),
    });
    this.#scans.set(key, scan);
    return scan;
  }

  /** @throws TopicReplacedError when what it would read is another topic, BrokerUnavailableError when that cannot be told */
  async #open(topic: string, id: string, positions: readonly PartitionOffset[]): Promise<BrokerReader> {
    const reader = await this.options.broker.openReader(positions, 2 * this.#chunkBytes * positions.length);
    try {
      const found = (await this.#idsOf([topic])).get(topic);
      if (found === id) return reader;
      // What is there later may be the same again, and would be read from its first record as another.
      if (found === undefined) throw new BrokerUnavailableError(`topic ${topic} is not listed any more`);
      throw new TopicReplacedError(topic);
    } catch (error) {
      await reader.close().catch(() => undefined);
      throw error;
    }
  }

  /** Of those that exist; empty where the broker does not tell. */
  async #idsOf(topics: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const known = await this.options.broker.listTopics();
    return new Map(
      topics.flatMap((topic) => {
        const found = known.get(topic);
        return found === undefined ? [] : [[topic, found.id ?? '']];
      }),
    );
  }
}

const keyOf = (topic: string, id: string): string => `${topic}/${id}`;
