import type { Broker, BrokerReader, WriteRecord } from '../ports/broker.js';
import { OffsetOutOfRangeError, TopicReplacedError } from '../ports/broker.js';

/** A server of a service id, as the others of it know it. */
export interface Server {
  /** Of one process, never given again. */
  readonly id: string;
  /** Where it is asked: `http://host:port`. */
  readonly url: string;
  /** What tells processes of one machine (and of one container) from others; process numbers mean something there. */
  readonly machine: string;
  readonly pid: number;
}

/** What the servers of a service id tell each other. */
export interface LeaseRecord {
  /**
   * `claim`: this server owns the service id from here on. `released`: it does not any more. `beat`: the owner lives. `standby`: this server
   * wants to hear that the owner lives.
   */
  readonly kind: 'claim' | 'released' | 'beat' | 'standby';
  readonly server: Server;
  /** Which of the claims of its process this is of; each is another tenure. */
  readonly term: number;
  /** Of a claim, and of its release: all ids that transactions are written under. None in a record that an earlier version wrote. */
  readonly transactionalIds?: readonly string[] | undefined;
}

const KINDS: ReadonlySet<unknown> = new Set<LeaseRecord['kind']>(['claim', 'released', 'beat', 'standby']);
const VERSION = 1;
/** Beats fill it; whoever starts reads it whole. */
const SEGMENT_BYTES = 1024 * 1024;
const POLL_MS = 500;

/** The topic in which servers claim a service id: one partition, so that all claims have an order; the last one counts. */
export class LeaseTopic {
  readonly topic: string;
  /** Its writer alone writes claims: opening another one fences it. */
  readonly transactionalId: string;

  constructor(
    private readonly broker: Broker,
    serviceId: string,
    private readonly replicas: number,
  ) {
    this.topic = `_confluent-ksql-${serviceId}_lease`;
    this.transactionalId = `${this.topic}-writer`;
  }

  /** @returns whether it was missing, and was made */
  async ensure(): Promise<boolean> {
    if ((await this.broker.listTopics()).has(this.topic)) return false;
    await this.broker.createTopics([
      {
        topic: this.topic,
        partitions: 1,
        replicas: this.replicas,
        config: {
          'cleanup.policy': 'compact',
          'segment.bytes': String(SEGMENT_BYTES),
          'min.cleanable.dirty.ratio': '0.1',
          // Nobody reads its times, and no clock that is ahead may keep a server from claiming.
          'message.timestamp.type': 'LogAppendTime',
        },
      },
    ]);
    return true;
  }

  /** Claims and releases take each other's place in the compacted topic, and so do beats, and words of standbys. */
  record({ kind, server, term, transactionalIds }: LeaseRecord, nowMs: number): WriteRecord {
    const key = Buffer.from(kind === 'released' ? 'claim' : kind);
    const value = Buffer.from(JSON.stringify({ version: VERSION, kind, server, term, transactionalIds }));
    return { topic: this.topic, partition: 0, key, value, timestamp: nowMs, headers: [] };
  }

  /** Outside transactions: what it says is believed only of who holds the last claim. */
  async write(word: LeaseRecord, nowMs: number): Promise<void> {
    await this.broker.write([this.record(word, nowMs)]);
  }
}

/** Reads the lease topic on and on. Not concurrent. */
export class LeaseTail {
  #reader: BrokerReader | undefined;
  /** The next offset; undefined when all of the topic is to be read. */
  #next: number | undefined;

  constructor(
    private readonly broker: Broker,
    private readonly topic: string,
  ) {}

  /**
   * What came, as soon as something does or the time is over; undefined when no broker has answered by then.
   * @throws OffsetOutOfRangeError, TopicReplacedError: the next call reads the topic from its start
   * @throws BrokerUnavailableError
   */
  async poll(maxWaitMs: number): Promise<readonly LeaseRecord[] | undefined> {
    return this.#reading(async (reader) => {
      const parts = await reader.poll(maxWaitMs);
      const found: LeaseRecord[] = [];
      for (const { records, nextOffset } of parts) {
        for (const { value } of records) {
          const record = parse(value);
          if (record !== undefined) found.push(record);
        }
        this.#next = nextOffset;
      }
      return parts.length === 0 ? undefined : found;
    });
  }

  /** All that is in the topic now and was not read before. */
  async toEnd(): Promise<readonly LeaseRecord[]> {
    const end = (await this.broker.bounds(this.topic))[0]?.end ?? 0;
    const found: LeaseRecord[] = [];
    do found.push(...((await this.poll((this.#next ?? 0) < end ? POLL_MS : 0)) ?? []));
    while ((this.#next ?? 0) < end);
    return found;
  }

  /** Ends the wait of the poll under way. */
  interrupt(): void {
    this.#reader?.interrupt();
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }

  async #reading<T>(work: (reader: BrokerReader) => Promise<T>): Promise<T> {
    try {
      return await work((this.#reader ??= await this.#open()));
    } catch (error) {
      if (error instanceof OffsetOutOfRangeError || error instanceof TopicReplacedError) this.#next = undefined;
      await this.close();
      throw error;
    }
  }

  async #open(): Promise<BrokerReader> {
    this.#next ??= (await this.broker.bounds(this.topic))[0]?.start ?? 0;
    return this.broker.openReader([{ topic: this.topic, partition: 0, offset: this.#next }]);
  }
}

/** Undefined for what is no record of a lease: it says nothing to this server. */
function parse(value: Uint8Array | null): LeaseRecord | undefined {
  try {
    const { kind, server, term, transactionalIds } = Object(
      JSON.parse(Buffer.from(value ?? []).toString()),
    ) as Partial<LeaseRecord>;
    if (!KINDS.has(kind) || typeof server?.id !== 'string' || typeof server.url !== 'string') return undefined;
    const ids = Array.isArray(transactionalIds) ? transactionalIds.filter((id) => typeof id === 'string') : undefined;
    return { kind: kind as LeaseRecord['kind'], server, term: Number(term), transactionalIds: ids };
  } catch {
    return undefined;
  }
}
