import type { RecordParts } from '../../ports/record-columns.js';
import type { WriteBatch, WriteRecord } from '../../ports/broker.js';
import { murmur2 } from '../kafka/murmur2.js';
import type { ClientLink } from './client-link.js';
import type { MemoryCluster } from './memory-cluster.js';
import type { PartitionLog } from './partition-log.js';

/** A record with the number of what is written that it is of. */
export interface PlacedRecord {
  readonly entry: number;
  readonly record: RecordParts;
}

/** What goes to one partition, in order. */
export interface PlacedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly records: PlacedRecord[];
}

interface KnownPartition {
  readonly leader: number;
  readonly leaderEpoch: number;
}

/** As long as the Kafka adapter goes by what it has seen. */
const FACTS_AGE_MAX_MS = 60_000;

/** What a client knows of topics: how many partitions they have and who leads them, as it was when it looked. */
export class ClientTopics {
  readonly #known = new Map<string, readonly KnownPartition[]>();
  /** When each was looked for. */
  readonly #seenMs = new Map<string, number>();
  #keyless = 0;

  constructor(
    private readonly cluster: MemoryCluster,
    private readonly link: ClientLink,
  ) {}

  /** After any failure: one of them may have changed. */
  forget(): void {
    this.#known.clear();
  }

  /** Picks partitions as Kafka's default partitioner does. */
  async place(batch: WriteBatch): Promise<readonly PlacedPartition[]> {
    await this.#know([...new Set(batch.map(({ topic }) => topic))]);
    const keyless = ++this.#keyless;
    const placed = new Map<string, PlacedPartition>();
    batch.forEach((written, entry) => {
      const windowBytes = 'records' in written ? (written.windowBytes ?? 0) : 0;
      for (const record of 'records' in written ? written.records : [written]) {
        const { topic } = written;
        const partitions = this.#known.get(topic) ?? [];
        const count = Math.max(1, partitions.length);
        const end = (record.key?.length ?? 0) - windowBytes;
        const picked = record.key === null ? keyless % count : (murmur2(record.key, 0, end) & 0x7fff_ffff) % count;
        const partition = (written as WriteRecord).partition ?? picked;
        const place = `${topic}/${partition}`;
        const part = placed.get(place) ?? {
          topic,
          partition,
          leader: partitions[partition]?.leader ?? -1,
          leaderEpoch: partitions[partition]?.leaderEpoch ?? 0,
          records: [],
        };
        placed.set(place, part);
        part.records.push({ entry, record: { ...record, timestamp: Math.max(0, Math.trunc(record.timestamp)) } });
      }
    });
    return [...placed.values()];
  }

  async #know(topics: readonly string[]): Promise<void> {
    const nowMs = this.cluster.options.clock.nowMs();
    const isOld = (topic: string): boolean => nowMs - (this.#seenMs.get(topic) ?? 0) > FACTS_AGE_MAX_MS;
    const unknown = topics.filter((topic) => !this.#known.has(topic) || isOld(topic));
    if (unknown.length === 0) return;
    const found = await this.link.request('metadata', () => unknown.map((topic) => this.cluster.topic(topic)));
    for (const { name, logs } of found) {
      this.#known.set(name, logs.map(known));
      this.#seenMs.set(name, nowMs);
    }
  }
}

const known = ({ leader, leaderEpoch }: PartitionLog): KnownPartition => ({ leader, leaderEpoch });
