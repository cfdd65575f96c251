import { setTimeout as sleep } from 'node:timers/promises';
import { BackOff } from '../back-off.js';
import type { KafkaClientOptions } from '../kafka-client.js';
import type { IncomingRecord } from './incoming-record.js';
import { GroupMembership, type OwnedBatch } from './group-membership.js';

/** A record that the handler will never be able to take. Anything else it throws is taken for the same, except `RetryLater`. */
export class BadRecordError extends Error {
  override readonly name = 'BadRecordError';
  readonly code = 'BAD_RECORD';
}

/** The handler cannot work now (a database is away): the same records come again after a pause, nothing is skipped. */
export class RetryLaterError extends Error {
  override readonly name = 'RetryLaterError';
  readonly code = 'RETRY_LATER';
}

export interface BatchControl {
  /** All records of the partition before this offset are done. */
  readonly commit: (nextOffset: bigint) => Promise<void>;
}

export interface RecordConsumerOptions extends KafkaClientOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Where a group without committed offsets begins. */
  readonly fromBeginning: boolean;
  /**
   * For offsets that are kept with what was made of the records: where to go on in a partition that was just assigned, undefined for
   * where the group committed. It is asked once for each assignment, before the first records are handled, and when offsets go back: a
   * position behind `endOffset`, the end of the partition, is one in a topic that was deleted and made again.
   */
  readonly position?: (topic: string, partition: number, endOffset: bigint) => Promise<bigint | undefined>;
  /**
   * Handles records of one partition in order. When it returns, they are done and their offset is committed; it must be able to
   * see a record again after a crash.
   */
  readonly handle: (records: readonly IncomingRecord[], control: BatchControl) => Promise<void>;
  /** Topics whose records come one at a time, so that those before one that fails do not come again with it. */
  readonly isOneByOne?: (topic: string) => boolean;
  /** Topics whose records are done when the handler says so through `control`, and not before. */
  readonly isCommittedByHandler?: (topic: string) => boolean;
  /** Takes a record that cannot be handled, so that it does not vanish and does not stop the others. */
  readonly onBadRecord: (record: IncomingRecord, error: Error) => Promise<void>;
  readonly sessionTimeoutMs?: number;
  readonly maxWaitMs?: number;
  /** Silence of the broker that counts as trouble. */
  readonly silentLimitMs?: number;
  /** Trouble that lasts longer ends the membership, and a new one begins. */
  readonly renewAfterMs?: number;
}

const retryPauseMs = 1_000;
/** How long a batch under way may take when the consumer has to stop, and how long a membership that failed may take to end. */
const finishMs = 4_500;
const leaveMs = 1_000;

/**
 * Reads as a member of a group, batch by batch, and commits what was handled. It lives on until it is stopped: a bad record goes to
 * `onBadRecord`, `RetryLaterError` leads to a pause, and whatever ends a membership (a lost broker, a coordinator that cannot be found,
 * silence) to a new one, with connections of its own, after a pause of at most 5 s.
 */
export class RecordConsumer {
  private readonly stopped = new AbortController();
  private readonly backOff = new BackOff();
  private membership: GroupMembership | undefined;
  private failure = new Error('has not joined its group yet');
  private running: Promise<void> | undefined;

  constructor(private readonly options: RecordConsumerOptions) {}

  /** Why the consumer is not at work, or undefined. */
  get trouble(): Error | undefined {
    return this.membership === undefined ? this.failure : this.membership.trouble;
  }

  /** Begins in the background and keeps trying. Resolves once it is a member for the first time, or stopped. */
  async start(): Promise<void> {
    this.running ??= this.run();
    const { signal } = this.stopped;
    while (!signal.aborted && this.membership?.isJoined !== true)
      await sleep(20, undefined, { signal }).catch(() => undefined);
  }

  /** Finishes and commits the batch under way, then leaves the group. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    const { log, groupId } = this.options;
    while (!signal.aborted) {
      const membership = new GroupMembership(this.options, (batch) => this.takeBatch(batch));
      this.membership = membership;
      try {
        await membership.run(signal, () => this.backOff.succeeded());
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error(String(error));
        this.backOff.failed();
        if (this.backOff.isWorthALine) log.warn({ err: error, groupId }, 'the consumer lost its place; it joins again');
      } finally {
        const limitMs = membership.isJoined ? finishMs : leaveMs;
        this.membership = undefined;
        await membership.leave(limitMs);
      }
      await this.backOff.pause(signal);
    }
  }

  private async takeBatch(batch: OwnedBatch): Promise<void> {
    const isOneByOne = this.options.isOneByOne?.(batch.topic) === true;
    for (const records of isOneByOne ? batch.records.map((record) => [record]) : [batch.records])
      if (!(await this.handle(batch, records))) return;
    if (this.options.isCommittedByHandler?.(batch.topic) === true) return;
    await batch.commit(batch.nextOffset);
  }

  /** The whole batch; when it fails, record by record, so that one bad record is set aside alone. */
  private async handle(batch: OwnedBatch, records: readonly IncomingRecord[]): Promise<boolean> {
    while (batch.isOurs()) {
      try {
        await this.options.handle(records, batch);
        return true;
      } catch (error) {
        if (error instanceof RetryLaterError) {
          this.options.log.warn({ err: error, records: records.length }, 'records wait');
          await sleep(retryPauseMs, undefined, { signal: this.stopped.signal }).catch(() => undefined);
        } else if (records.length === 1 && records[0] !== undefined) {
          await this.setAside(records[0], error instanceof Error ? error : new Error(String(error)));
          return true;
        } else {
          for (const record of records) if (!(await this.handle(batch, [record]))) return false;
          return true;
        }
      }
    }
    return false;
  }

  private async setAside(record: IncomingRecord, error: Error): Promise<void> {
    const { topic, partition, offset } = record;
    this.options.log.warn({ topic, partition, offset, err: error }, 'bad record set aside');
    await this.options.onBadRecord(record, error);
  }
}
