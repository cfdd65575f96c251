import type { Connection } from '@platformatic/kafka';
import {
  BrokerUnavailableError,
  type RefusedRecord,
  type TopicPartition,
  type WriteBatch,
} from '../../ports/broker.js';
import type { Cluster } from './cluster.js';
import type { RecordParts } from '../../ports/record-columns.js';
import { recordBytes, recordBytesAt } from '../../ports/record-bytes.js';
import { Turn } from '../../runtime/turns.js';
import { murmur2 } from './murmur2.js';
import { RecordBatchWriter } from './record-batch-writer.js';
import { describeConfigsV4 } from './protocol.js';

const TOPIC_RESOURCE = 2;
/** Kafka's own default of max.message.bytes. */
const MESSAGE_BYTES_DEFAULT = 1_048_588;
/** A batch's own header, with room to spare. */
const BATCH_OVERHEAD_BYTES = 1_024;
/** After so many records it is looked whether others of the process should have their turn. */
const TURN_CHECK = 256;
/** A record that is so much larger than its topic takes is not sent at all: a broker ends the connection of a request beyond 100 MB. */
const UNSENT_EXCESS_BYTES = 1024 * 1024;

/** Topics get more partitions, and take larger records, without telling anybody. */
const FACTS_AGE_MAX_MS = 60_000;

interface TopicFacts {
  /** When they were looked up, by `performance.now()`. */
  readonly seenMs: number;
  /** Leading node of each partition. */
  readonly leaders: readonly number[];
  /** What one batch may hold. */
  readonly batchBytesMax: number;
}

/** A batch on its way to one partition. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: RecordBatchWriter;
  /** Which entries of what is written its records are of: the number of an entry and that of its first record here, by turns. */
  readonly origins: number[];
}

/** The entry that a record of a batch is of. */
export function entryOf({ origins }: PartitionBatch, record: number): number {
  let entry = -1;
  for (let i = 0; i < origins.length && (origins[i + 1] as number) <= record; i += 2) entry = origins[i] as number;
  return entry;
}

/** What one node takes, in the order of sending: one request holds at most one batch per partition. */
export interface LeaderRequests {
  readonly leader: number;
  readonly requests: readonly (readonly PartitionBatch[])[];
}

/** Records on their way. */
export interface AssignedRecords {
  readonly byLeader: readonly LeaderRequests[];
  /** Those that no broker takes; they are in no batch. */
  readonly refused: readonly RefusedRecord[];
}

/** A partition while records are sorted into batches. */
interface OpenPartition {
  readonly leader: number;
  round: number;
  batch: PartitionBatch;
}
interface OpenTopic {
  readonly name: string;
  readonly facts: TopicFacts;
  readonly partitions: OpenPartition[];
}

/** The batches that records are sorted into. */
class OpenBatches {
  readonly #requests = new Map<number, PartitionBatch[][]>();
  readonly #topics = new Map<string, OpenTopic>();
  #last: OpenTopic | undefined;

  constructor(private readonly facts: ReadonlyMap<string, TopicFacts>) {}

  topic(name: string): OpenTopic {
    if (this.#last?.name === name) return this.#last;
    const topic = this.#topics.get(name) ?? { name, facts: this.facts.get(name) ?? NO_FACTS, partitions: [] };
    this.#topics.set(name, topic);
    this.#last = topic;
    return topic;
  }

  /** The batch of the partition that takes so many bytes more. */
  batch({ name, facts, partitions }: OpenTopic, partition: number, bytes: number): PartitionBatch {
    const place = partitions[partition];
    if (place === undefined) {
      const batch = { topic: name, partition, records: new RecordBatchWriter(), origins: [] };
      partitions[partition] = this.#add({ leader: facts.leaders[partition] ?? -1, round: 0, batch });
      return batch;
    }
    if (place.batch.records.length + bytes > facts.batchBytesMax && place.batch.records.count > 0) {
      place.round++;
      place.batch = { topic: name, partition, records: new RecordBatchWriter(), origins: [] };
      this.#add(place);
    }
    return place.batch;
  }

  byLeader(): readonly LeaderRequests[] {
    return [...this.#requests].map(([leader, requests]) => ({ leader, requests }));
  }

  #add(place: OpenPartition): OpenPartition {
    const requests = this.#requests.get(place.leader) ?? [];
    this.#requests.set(place.leader, requests);
    (requests[place.round] ??= []).push(place.batch);
    return place;
  }
}

/** Picks partitions as Kafka's default partitioner does, and knows who leads them and how much they take at once. */
export class Partitioner {
  readonly #topics = new Map<string, TopicFacts>();
  #keyless = 0;

  constructor(private readonly cluster: Cluster) {}

  connection(leader: number): Promise<Connection> {
    return this.cluster.node(leader);
  }

  /** By who leads their partitions, as far as is known: asked for at each try, since it may be another node by now. */
  async byLeader<T>(batches: readonly T[], placeOf: (batch: T) => TopicPartition): Promise<ReadonlyMap<number, T[]>> {
    await this.#know([...new Set(batches.map((batch) => placeOf(batch).topic))]);
    return Map.groupBy(batches, (batch) => {
      const { topic, partition } = placeOf(batch);
      return this.#topics.get(topic)?.leaders[partition] ?? -1;
    });
  }

  /** The largest record (see `recordBytes`) that a topic takes. */
  async recordBytesMax(topic: string): Promise<number> {
    await this.#know([topic]);
    return this.#topics.get(topic)?.batchBytesMax ?? MESSAGE_BYTES_DEFAULT - BATCH_OVERHEAD_BYTES;
  }

  /**
   * Records as batches, none larger than its topic takes, by the node that leads their partition. `onPlaced` is told the batch of each
   * record and its number in it.
   */
  async assign(
    records: WriteBatch,
    onPlaced?: (batch: PartitionBatch, index: number) => void,
  ): Promise<AssignedRecords> {
    await this.#know(topicsOf(records));
    await this.#know(this.#withUnknownPartition(records));
    const keyless = ++this.#keyless;
    const turn = new Turn();
    let since = 0;
    const open = new OpenBatches(this.#topics);
    const refused: RefusedRecord[] = [];
    for (let number = 0; number < records.length; number++) {
      const entry = records[number] as WriteBatch[number];
      const topic = open.topic(entry.topic);
      const count = Math.max(1, topic.facts.leaders.length);
      if (!('records' in entry)) {
        const { key, value, timestamp, headers } = entry;
        const partition = entry.partition ?? (key === null ? keyless % count : partitionOf(key, 0, key.length, count));
        if (++since % TURN_CHECK === 0 && turn.isOver) await turn.next();
        const bytes = recordBytes(entry);
        if (bytes > topic.facts.batchBytesMax + UNSENT_EXCESS_BYTES) {
          refused.push(tooLarge(topic, partition, number, entry, bytes));
          continue;
        }
        const batch = open.batch(topic, partition, bytes);
        onPlaced?.(batch, batch.records.count);
        batch.origins.push(number, batch.records.count);
        batch.records.append(timeOf(timestamp), key, value, headers);
        continue;
      }
      const { records: columns, windowBytes = 0 } = entry;
      const { buffers, keyStarts, keyEnds, timestamps } = columns;
      for (let i = 0; i < columns.length; i++) {
        if (++since % TURN_CHECK === 0 && turn.isOver) await turn.next();
        const start = keyStarts[i] as number;
        const end = (keyEnds[i] as number) - windowBytes;
        const partition = start < 0 ? keyless % count : partitionOf(buffers[i] as Buffer, start, end, count);
        const bytes = recordBytesAt(columns, i);
        if (bytes > topic.facts.batchBytesMax + UNSENT_EXCESS_BYTES) {
          refused.push(tooLarge(topic, partition, number, columns.at(i), bytes));
          continue;
        }
        const batch = open.batch(topic, partition, bytes);
        onPlaced?.(batch, batch.records.count);
        if (batch.origins[batch.origins.length - 2] !== number) batch.origins.push(number, batch.records.count);
        batch.records.appendAt(timeOf(timestamps[i] as number), columns, i);
      }
    }
    return { byLeader: open.byLeader(), refused };
  }

  /** Forgets all topics, after an error that may mean that one changed. */
  forget(): void {
    this.#topics.clear();
  }

  /** Topics that somebody writes to a partition of which was not there when they were looked up; they are forgotten. */
  #withUnknownPartition(records: WriteBatch): readonly string[] {
    const topics = new Set<string>();
    let last = '';
    let known: TopicFacts | undefined;
    for (const entry of records) {
      if (!('partition' in entry) || entry.partition === undefined) continue;
      // Changes of state come by the thousand, those of a store one after another.
      if (entry.topic !== last) known = this.#topics.get(entry.topic);
      last = entry.topic;
      if (known !== undefined && entry.partition >= known.leaders.length) topics.add(entry.topic);
    }
    for (const topic of topics) this.#topics.delete(topic);
    return [...topics];
  }

  async #know(topics: readonly string[]): Promise<void> {
    const nowMs = performance.now();
    const unknown = topics.filter((topic) => nowMs - (this.#topics.get(topic)?.seenMs ?? -Infinity) > FACTS_AGE_MAX_MS);
    if (unknown.length === 0) return;
    const [metadata, sizes] = await Promise.all([this.#leaders(unknown), this.#sizes(unknown)]);
    for (const topic of metadata.topics) {
      const leaders: number[] = [];
      for (const partition of topic.partitions) leaders[partition.partitionIndex] = partition.leaderId;
      const bytesMax = sizes.get(topic.name ?? '') ?? MESSAGE_BYTES_DEFAULT;
      if (topic.name) {
        this.#topics.set(topic.name, { seenMs: nowMs, leaders, batchBytesMax: bytesMax - BATCH_OVERHEAD_BYTES });
      }
    }
  }

  #leaders(topics: readonly string[]) {
    return this.cluster.retrying('find topic leaders', async () => {
      const answer = await this.cluster.metadata(topics);
      if (answer.topics.some((topic) => topic.partitions.some((partition) => partition.leaderId < 0))) {
        throw new BrokerUnavailableError(`a partition of ${topics.join(', ')} has no leader yet`);
      }
      return answer;
    });
  }

  async #sizes(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const answer = await this.cluster.retrying('read topic sizes', async () =>
      describeConfigsV4.api.async(
        await this.cluster.any(),
        topics.map((resourceName) => ({
          resourceType: TOPIC_RESOURCE,
          resourceName,
          configurationKeys: ['max.message.bytes'],
        })),
        false,
        false,
      ),
    );
    return new Map(
      answer.results.map((result) => [result.resourceName, Number(result.configs[0]?.value ?? MESSAGE_BYTES_DEFAULT)]),
    );
  }
}

const NO_FACTS: TopicFacts = { seenMs: 0, leaders: [], batchBytesMax: 0 };

function tooLarge(
  { name: topic, facts }: OpenTopic,
  partition: number,
  entry: number,
  { key, value, timestamp, headers }: RecordParts,
  bytes: number,
): RefusedRecord {
  const takenBytes = facts.batchBytesMax + BATCH_OVERHEAD_BYTES;
  const reason = `MESSAGE_TOO_LARGE: ${bytes} bytes, it takes ${takenBytes} (max.message.bytes)`;
  return { topic, partition, entry, key, value, timestamp, headers, reason };
}

const timeOf = (timestamp: number): number => Math.max(0, Math.trunc(timestamp));

function partitionOf(bytes: Uint8Array, start: number, end: number, count: number): number {
  return count === 1 ? 0 : (murmur2(bytes, start, end) & 0x7fff_ffff) % count;
}

function topicsOf(records: WriteBatch): readonly string[] {
  const topics = new Set<string>();
  let last = '';
  for (const { topic } of records) {
    if (topic !== last) topics.add(topic);
    last = topic;
  }
  return [...topics];
}
