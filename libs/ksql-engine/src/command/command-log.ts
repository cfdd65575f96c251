import { RecordsRefusedError, type Broker, type TransactionalWriter } from '../ports/broker.js';
import { sleep, timers } from '../ports/scheduler.js';
import type { CommandBytes } from './record-codec.js';

const MARKER_ATTEMPTS = 1_000;
const MARKER_PAUSE_MS = 10;
/** A plan is up to forty times as long as its text: Kafka’s own megabyte would refuse statements of 25 kB. */
const COMMAND_BYTES_MAX = 16 * 1024 * 1024;

/** A record of the log, whatever is in it. */
export interface LoggedBytes {
  readonly sequenceNumber: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** The log keeps its records for ever: this one and those before it, back to the last that was read, were deleted by somebody. */
export interface DeletedRecords {
  readonly sequenceNumber: number;
  readonly areDeleted: true;
}

/** The log is not where a command was planned against: what came must be read and folded, and the command planned again. */
export class LogMovedError extends Error {
  override readonly name = 'LogMovedError';
  constructor(topic: string, planned: number, end: number) {
    super(`the command topic ${topic} ends at ${end}, the command was planned against ${planned}`);
  }
}

/**
 * The command topic of one service id: one partition, kept for ever. Its offsets are the sequence numbers of commands. Reading it and
 * writing to it are apart: a server that only follows never appends, and opens no writer. Not concurrent.
 */
export class CommandLog {
  readonly topic: string;
  readonly transactionalId: string;
  /** The next offset to read. */
  #next = 0;
  /** Where the log ends as far as this server knows; what is between is no command of another. */
  #end = 0;
  #writer: TransactionalWriter | undefined;
  #isUnclear = false;

  constructor(
    private readonly broker: Broker,
    /** Opens the writer; fails on a server that may not write. */
    private readonly writers: Pick<Broker, 'openWriter'>,
    serviceId: string,
    private readonly replicas: number,
  ) {
    this.topic = `_confluent-ksql-${serviceId}_command_topic`;
    this.transactionalId = `${this.topic}-writer`;
  }

  /** What a command is planned against, for `append`. */
  get end(): number {
    return this.#end;
  }

  /** Whether an append has failed of which it is not known what became of it: the command may stand in the log, now or in a while. */
  get isUnclear(): boolean {
    return this.#isUnclear;
  }

  /** Settles when no append of this service is undecided any more: what is read then is the log. */
  async settle(): Promise<void> {
    this.#writer ??= await this.writers.openWriter(this.transactionalId);
    this.#isUnclear = false;
  }

  /** Makes the topic when it is missing, and reads all of it. */
  async open(): Promise<readonly (LoggedBytes | DeletedRecords)[]> {
    if (!(await this.broker.listTopics()).has(this.topic)) {
      await this.broker.createTopics([
        {
          topic: this.topic,
          partitions: 1,
          replicas: this.replicas,
          config: {
            'retention.ms': '-1',
            'cleanup.policy': 'delete',
            'max.message.bytes': String(COMMAND_BYTES_MAX),
          },
        },
      ]);
      return [];
    }
    return this.read();
  }

  /** All of the log, as at the first look. */
  readAgain(): Promise<readonly (LoggedBytes | DeletedRecords)[]> {
    this.#next = 0;
    return this.read();
  }

  /** What came since the last look, own commands left out. */
  async read(): Promise<readonly (LoggedBytes | DeletedRecords)[]> {
    const bound = (await this.broker.bounds(this.topic))[0];
    const from = Math.max(this.#next, bound?.start ?? 0);
    const end = bound?.end ?? 0;
    const found: (LoggedBytes | DeletedRecords)[] = [];
    if (from > this.#next) found.push({ sequenceNumber: from - 1, areDeleted: true });
    if (end > from) {
      const reader = await this.broker.openReader([{ topic: this.topic, partition: 0, offset: from }]);
      try {
        let next = from;
        while (next < end) {
          for (const part of await reader.poll(500)) {
            next = part.nextOffset;
            for (const { offset, key, value } of part.records) found.push({ sequenceNumber: offset, key, value });
          }
        }
        // Only now: what was read before a failure is not handed on, and must be read again.
        this.#next = next;
      } finally {
        await reader.close();
      }
    }
    this.#next = Math.max(this.#next, from);
    this.#end = Math.max(end, this.#next);
    return found;
  }

  /**
   * Appends one command in a transaction of its own and gives its sequence number. Since the transactional id belongs to the service
   * id, a second server of the same service that appends fences this one: what it is about to commit fails. The next append has a new
   * writer: that of a failed commit is of no more use.
   *
   * @throws LogMovedError when the log does not end where the command was planned against. Nobody can come between this look and the
   * commit: opening another writer fences this one.
   * @throws WriterFencedError when another has opened one meanwhile, or the broker has given up on this one's transaction. As after
   * other failures of a commit the log shows what became of the command: it must not be tried again unseen.
   */
  async append({ key, value }: CommandBytes, plannedAgainst: number, nowMs: number): Promise<number> {
    const writer = (this.#writer ??= await this.writers.openWriter(this.transactionalId));
    const record = { topic: this.topic, partition: 0, key, value, timestamp: nowMs, headers: [] };
    try {
      const end = (await this.broker.bounds(this.topic))[0]?.end ?? 0;
      // Who has moved it has fenced this writer; a new one may be tried, as nothing was written.
      if (end !== plannedAgainst) throw new LogMovedError(this.topic, plannedAgainst, end);
      await writer.commit([record], []);
    } catch (error) {
      this.#writer = undefined;
      this.#isUnclear ||= !(error instanceof LogMovedError) && !(error instanceof RecordsRefusedError);
      await writer.close();
      throw error;
    }
    // Where the end cannot be seen the command has failed for the caller, who must read it as one of another.
    this.#isUnclear = true;
    this.#end = await this.#endBehind(plannedAgainst);
    this.#isUnclear = false;
    this.#next = plannedAgainst + 1;
    return plannedAgainst;
  }

  /** The end of committed records lags behind the commit until the broker has written the transaction's marker. */
  async #endBehind(sequenceNumber: number): Promise<number> {
    for (let attempt = 0; attempt < MARKER_ATTEMPTS; attempt++) {
      const end = (await this.broker.bounds(this.topic))[0]?.end ?? 0;
      if (end > sequenceNumber) return end;
      await sleep(timers, MARKER_PAUSE_MS);
    }
    throw new Error(`the command topic ${this.topic} does not show command ${sequenceNumber}`);
  }

  /** The next append has another writer. */
  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.close();
  }
}
