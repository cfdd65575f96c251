import type { Broker, PartitionOffset, WriteRecord } from '../ports/broker.js';

/** How far a query has read and what its operators remember of time: what is true together with its state. */
export interface Checkpoint {
  readonly offsets: readonly PartitionOffset[];
  /** `Topology.snapshot()` of each task; none when nothing is remembered. */
  readonly notes: readonly string[];
  /** Which topics the offsets are of, by their names; none of a checkpoint that an earlier version wrote. */
  readonly topicIds: Readonly<Record<string, string>>;
  /** The command that made the query; undefined of a checkpoint that an earlier version wrote. */
  readonly madeBy: number | undefined;
}

interface CheckpointJson {
  readonly version: number;
  /** The next offset to read, by topic and partition. */
  readonly offsets: Readonly<Record<string, Readonly<Record<number, number>>>>;
  /** Of the only task: version 1. */
  readonly note?: string;
  /** Of several tasks, by their number: version 2. Who knows version 1 only would write the state of all to one partition. */
  readonly notes?: readonly string[];
  readonly topicIds?: Readonly<Record<string, string>>;
  readonly madeBy?: number | undefined;
}

const VERSION_OF_ONE_TASK = 1;
const VERSION_OF_TASKS = 2;
/** Small enough to be read in a moment, and for old checkpoints to be compacted away soon. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
const POLL_MS = 500;

/**
 * The checkpoints of all queries of a service, newest by query, in one compacted topic. A query writes its own in the transaction that
 * writes its results and its state. The offsets of consumer groups cannot take this place: a group without members loses them after
 * `offsets.retention.minutes`, while state stays; read again from the first record it would count everything twice.
 */
export class Checkpoints {
  readonly topic: string;
  #newest = new Map<string, Uint8Array>();
  /** The next offset to read; undefined before the first look. */
  #next: number | undefined;
  #reading: Promise<void> = Promise.resolve();
  #nextReading: Promise<void> | undefined;

  constructor(
    private readonly broker: Broker,
    serviceId: string,
    private readonly replicas: number,
  ) {
    this.topic = `_confluent-ksql-${serviceId}_checkpoints`;
  }

  /** What is to be written together with what it tells of. */
  record(applicationId: string, checkpoint: Checkpoint, nowMs: number): WriteRecord {
    const offsets: Record<string, Record<number, number>> = {};
    for (const { topic, partition, offset } of checkpoint.offsets) (offsets[topic] ??= {})[partition] = offset;
    const { notes, topicIds, madeBy } = checkpoint;
    const value: CheckpointJson =
      notes.length > 1
        ? { version: VERSION_OF_TASKS, offsets, notes, topicIds, madeBy }
        : { version: VERSION_OF_ONE_TASK, offsets, note: notes[0] ?? '', topicIds, madeBy };
    return this.#record(applicationId, Buffer.from(JSON.stringify(value)), nowMs);
  }

  /**
   * The last checkpoint that was committed, undefined when there is none. To be called when no transaction of this service is undecided that may hold a newer one: its
   * end is waited for where others have begun one since.
   *
   * @throws when there is one that cannot be read: it is of a later version, or was written by somebody else
   */
  async of(applicationId: string): Promise<Checkpoint | undefined> {
    await this.#readOn();
    const value = this.#newest.get(applicationId);
    return value === undefined ? undefined : parseCheckpoint(applicationId, value);
  }

  /** The queries that have one. */
  async owners(): Promise<ReadonlySet<string>> {
    await this.#readOn();
    return new Set(this.#newest.keys());
  }

  /** For a query that ended for good. */
  async forget(applicationId: string, nowMs: number): Promise<void> {
    await this.#readOn();
    if (!this.#newest.has(applicationId)) return;
    await this.broker.write([this.#record(applicationId, null, nowMs)]);
  }

  #record(applicationId: string, value: Buffer | null, nowMs: number): WriteRecord {
    return { topic: this.topic, partition: 0, key: Buffer.from(applicationId), value, timestamp: nowMs, headers: [] };
  }

  /** Who asks while the topic is being read needs another look; all who do share it. */
  #readOn(): Promise<void> {
    this.#nextReading ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#nextReading = undefined;
        this.#reading = this.#read();
        return this.#reading;
      });
    return this.#nextReading;
  }

  async #read(): Promise<void> {
    if (!(await this.broker.listTopics()).has(this.topic)) {
      await this.#create();
      this.#newest = new Map();
      this.#next = 0;
      return;
    }
    const bound = (await this.broker.bounds(this.topic))[0];
    // Behind the end or before the start: the topic was made anew, or what was not read yet was compacted.
    if (bound === undefined || this.#next === undefined || this.#next < bound.start || this.#next > bound.end) {
      this.#newest = new Map();
      this.#next = bound?.start ?? 0;
    }
    await this.#readToEnd(this.#next);
  }

  /** To the end that it has at the first look, records of undecided transactions included: those are waited for. */
  async #readToEnd(from: number): Promise<void> {
    const reader = await this.broker.openReader([{ topic: this.topic, partition: 0, offset: from }]);
    try {
      let end: number | undefined;
      while (end === undefined || (this.#next ?? 0) < end) {
        for (const part of await reader.poll(end === undefined ? 0 : POLL_MS)) {
          end ??= part.highWatermark;
          for (const { key, value } of part.records) this.#take(key, value);
          this.#next = part.nextOffset;
        }
      }
    } finally {
      await reader.close();
    }
  }

  #take(key: Uint8Array | null, value: Uint8Array | null): void {
    if (key === null) return;
    const applicationId = Buffer.from(key).toString();
    if (value === null) this.#newest.delete(applicationId);
    // A copy: the bytes of a fetch hold all that came with them.
    else this.#newest.set(applicationId, Uint8Array.from(value));
  }

  async #create(): Promise<void> {
    await this.broker.createTopics([
      {
        topic: this.topic,
        partitions: 1,
        replicas: this.replicas,
        config: {
          'cleanup.policy': 'compact',
          'segment.bytes': String(SEGMENT_BYTES),
          'min.cleanable.dirty.ratio': '0.1',
          // Nobody reads its times, and no clock that is ahead may stop a commit.
          'message.timestamp.type': 'LogAppendTime',
        },
      },
    ]);
  }
}

const areTexts = (notes: unknown): notes is readonly string[] =>
  Array.isArray(notes) && notes.every((note) => typeof note === 'string');

function parseCheckpoint(applicationId: string, value: Uint8Array): Checkpoint {
  const text = Buffer.from(value).toString();
  const refuse = (reason: string): never => {
    throw new Error(`the checkpoint of ${applicationId} cannot be read: ${reason}: ${text.slice(0, 200)}`);
  };
  let parsed: Partial<CheckpointJson> = {};
  try {
    parsed = Object(JSON.parse(text)) as typeof parsed;
  } catch {
    refuse('it is no JSON');
  }
  const { version, offsets, topicIds = {}, madeBy } = parsed;
  if (version !== VERSION_OF_ONE_TASK && version !== VERSION_OF_TASKS)
    refuse(`its version is ${String(version)}, this server knows ${VERSION_OF_TASKS}`);
  const notes: unknown = version === VERSION_OF_TASKS ? parsed.notes : [parsed.note];
  if (!areTexts(notes) || typeof offsets !== 'object' || offsets === null) return refuse('it has no offsets or note');
  return {
    notes,
    topicIds: Object(topicIds) as Checkpoint['topicIds'],
    madeBy,
    offsets: Object.entries(offsets).flatMap(([topic, byPartition]) =>
      Object.entries(byPartition).map(([partition, offset]) => {
        if (!Number.isSafeInteger(offset) || offset < 0) refuse(`offset ${String(offset)} of ${topic}-${partition}`);
        return { topic, partition: Number(partition), offset };
      }),
    ),
  };
}
