import type { Consumer, EachBatchPayload } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka, type KafkaClientOptions } from '../kafka-client.js';
import type { Log } from '../log.js';
import { toIncomingRecord, type IncomingRecord } from './incoming-record.js';

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

export interface RecordConsumerOptions extends KafkaClientOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Where a group without committed offsets begins. */
  readonly fromBeginning: boolean;
  /**
   * Handles records of one partition in order. When it returns, they are done and their offset is committed; it must be able to
   * see a record again after a crash.
   */
  readonly handle: (records: readonly IncomingRecord[]) => Promise<void>;
  /** Takes a record that cannot be handled, so that it does not vanish and does not stop the others. */
  readonly onBadRecord: (record: IncomingRecord, error: Error) => Promise<void>;
  readonly sessionTimeoutMs?: number;
  readonly maxWaitMs?: number;
}

const retryPauseMs = 1_000;

/**
 * Reads as a member of a group, batch by batch, and commits what was handled. It lives on: a bad record goes to `onBadRecord`, a
 * lost broker or a rebalance leads to a restart, `RetryLaterError` to a pause.
 */
export class RecordConsumer {
  private readonly consumer: Consumer;
  private readonly log: Log;
  private isJoined = false;
  private lastFailure: Error | undefined;
  private isStopping = false;

  constructor(private readonly options: RecordConsumerOptions) {
    this.log = options.log;
    const sessionTimeout = options.sessionTimeoutMs ?? 15_000;
    this.consumer = createKafka(options).consumer({
      groupId: options.groupId,
      sessionTimeout,
      heartbeatInterval: Math.floor(sessionTimeout / 5),
      maxWaitTimeInMs: options.maxWaitMs ?? 250,
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: 200,
        maxRetryTime: 5_000,
        retries: 10,
        restartOnFailure: async () => !this.isStopping,
      },
    });
    this.consumer.on('consumer.group_join', () => {
      this.isJoined = true;
      this.lastFailure = undefined;
    });
    this.consumer.on('consumer.crash', ({ payload }) => {
      this.isJoined = false;
      this.lastFailure = payload.error;
      this.log.warn({ err: payload.error, restart: payload.restart }, 'the consumer lost its place; it starts again');
    });
  }

  /** Why the consumer is not at work, or undefined. */
  get trouble(): Error | undefined {
    return this.isJoined ? undefined : (this.lastFailure ?? new Error('has not joined its group yet'));
  }

  /** Connects, subscribes and starts reading, trying until the broker is there. */
  async start(): Promise<void> {
    for (let attempt = 1; !this.isStopping; attempt += 1) {
      try {
        await this.consumer.connect();
        await this.consumer.subscribe({ topics: [...this.options.topics], fromBeginning: this.options.fromBeginning });
        await this.consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          eachBatch: (payload) => this.takeBatch(payload),
        });
        return;
      } catch (error) {
        this.lastFailure = error instanceof Error ? error : new Error(String(error));
        if (attempt === 1 || attempt % 10 === 0)
          this.log.warn({ err: error, attempt }, 'cannot start reading; trying again');
        await sleep(Math.min(200 * attempt, 2_000));
      }
    }
  }

  /** Finishes and commits the batch under way, then leaves the group. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.consumer.stop();
    await this.consumer.disconnect();
  }

  private async takeBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, isRunning, isStale } = payload;
    const records = batch.messages.map((message) => toIncomingRecord(batch, message));
    if (records.length === 0) return;
    // Once the partition may belong to another member, nothing of the batch is ours to commit.
    const isOurs = (): boolean => isRunning() && !isStale();

    const beat = setInterval(() => void heartbeat().catch(() => undefined), 2_000);
    try {
      if (!(await this.handle(records, isOurs))) return;
    } finally {
      clearInterval(beat);
    }
    payload.resolveOffset(batch.lastOffset());
    await this.consumer.commitOffsets([
      { topic: batch.topic, partition: batch.partition, offset: (BigInt(batch.lastOffset()) + 1n).toString() },
    ]);
    await heartbeat();
  }

  /** The whole batch; when it fails, record by record, so that one bad record is set aside alone. */
  private async handle(records: readonly IncomingRecord[], isOurs: () => boolean): Promise<boolean> {
    while (isOurs()) {
      try {
        await this.options.handle(records);
        return true;
      } catch (error) {
        if (error instanceof RetryLaterError) {
          this.log.warn({ err: error, records: records.length }, 'records wait');
          await sleep(retryPauseMs);
        } else if (records.length === 1 && records[0] !== undefined) {
          await this.setAside(records[0], error instanceof Error ? error : new Error(String(error)));
          return true;
        } else {
          for (const record of records) if (!(await this.handle([record], isOurs))) return false;
          return true;
        }
      }
    }
    return false;
  }

  private async setAside(record: IncomingRecord, error: Error): Promise<void> {
    const { topic, partition, offset } = record;
    this.log.warn({ topic, partition, offset, err: error }, 'bad record set aside');
    await this.options.onBadRecord(record, error);
  }
}
