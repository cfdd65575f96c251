import { setTimeout as sleep } from 'node:timers/promises';
import { BackOff } from '../back-off.js';
import { brokerErrorType } from '../broker-errors.js';
import type { KafkaClientOptions } from '../kafka-client.js';
import type { IncomingRecord } from './incoming-record.js';
import { TopicLook, type SeenTopic } from './topic-look.js';
import { TopicReader, type TopicBounds } from './topic-reader.js';

export interface TopicFollowerOptions {
  readonly kafka: KafkaClientOptions;
  readonly topic: string;
  /**
   * Records of one partition in their order; the next are fetched when it is done. Each is handed over once, unless the topic was made
   * again. Must not fail: a record that cannot be read is the handler's to count.
   */
  readonly handle: (records: readonly IncomingRecord[]) => Promise<void> | void;
  /** The topic was deleted and made again: what was read before is no longer true, and all is read from the beginning. */
  readonly onReset?: () => void;
  /** Silence of the broker that counts as trouble. */
  readonly silentLimitMs?: number;
  /** Shared with the followers of other topics on the same brokers; one of its own when absent. */
  readonly look?: TopicLook;
}

const retryLookMs = 500;
/** A record is answered at once. This long the broker waits for one, and a new partition is waited for. */
const maxWaitMs = 5_000;
/** While what was there before is read, an answer without records may be its end. */
const maxWaitBehindMs = 500;
/** A topic that ends in batches which compaction has emptied has a higher end than its last record. */
const endWithoutRecordsMs = 2_000;
const leaveMs = 1_000;

/**
 * Reads a topic from its beginning and goes on with what is added, committed records only, for ever until it is stopped: after any
 * failure it makes new connections and goes on where it was. Waits for a topic that is not there, notices one that was made again
 * (by its id), cut off at its beginning, or given more partitions. Has no group and commits nothing: whoever follows keeps its state
 * in memory and reads all again after a restart.
 */
export class TopicFollower {
  private readonly stopped = new AbortController();
  private readonly backOff = new BackOff();
  private readonly positions = new Map<number, bigint>();
  /** Where each partition ended when it was first seen; empty once all of that was read. */
  private readonly behind = new Map<number, bigint>();
  private topicId: string | undefined;
  private failure: string | undefined = 'not started';
  private answeredAtMs = 0;
  /** When the answer to the fetch under way is due. */
  private dueAtMs = Infinity;
  private isChanged = true;
  private readonly look: TopicLook;
  private isHandling = false;
  private running: Promise<void> | undefined;

  constructor(private readonly options: TopicFollowerOptions) {
    this.look = options.look ?? new TopicLook(options.kafka);
  }

  /** Why the view of this topic is not complete or not up to date; undefined when it is. */
  get trouble(): string | undefined {
    if (this.failure !== undefined) return this.failure;
    const nowMs = performance.now();
    const silentMs = Math.max(nowMs - this.answeredAtMs, nowMs - this.dueAtMs);
    if (!this.isHandling && silentMs > (this.options.silentLimitMs ?? 5_000))
      return `Kafka has not answered for ${Math.floor(silentMs / 1_000)} s`;
    return this.behind.size > 0 ? 'still reading what was there before' : undefined;
  }

  /** Begins in the background and keeps trying. */
  start(): void {
    this.running ??= this.run();
  }

  /** Ends after the records that are being handled. */
  async stop(): Promise<void> {
    this.stopped.abort();
    // Neither records that have not come are waited for, nor a broker that does not answer.
    if (this.isHandling) await Promise.race([this.running, sleep(leaveMs, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    const { kafka, topic } = this.options;
    const { signal } = this.stopped;
    const unfollow = this.look.follow(topic, (seen) => this.noteSeen(seen));
    signal.addEventListener('abort', unfollow, { once: true });
    while (!signal.aborted) {
      const reader = new TopicReader(kafka, topic);
      try {
        await this.follow(reader);
      } catch (error) {
        this.backOff.failed();
        this.failure = error instanceof Error ? error.message : String(error);
        if (!signal.aborted && this.backOff.isWorthALine)
          kafka.log.warn({ err: error, topic }, 'the topic cannot be read; trying again');
      } finally {
        void reader.close().catch(() => undefined);
      }
      await this.backOff.pause(signal);
    }
  }

  private async follow(reader: TopicReader): Promise<void> {
    const { signal } = this.stopped;
    this.isChanged = true;
    let progressAtMs = performance.now();
    while (!signal.aborted) {
      if (this.isChanged) {
        this.isChanged = false;
        if (!this.compare(await reader.bounds())) {
          this.isChanged = true;
          await sleep(retryLookMs, undefined, { signal }).catch(() => undefined);
          continue;
        }
      }
      const startedMs = performance.now();
      const hasAny = await this.fetch(reader, this.behind.size > 0 ? maxWaitBehindMs : maxWaitMs);
      if (signal.aborted) return;
      if (!this.isChanged) this.answered();
      this.backOff.succeeded();
      const nowMs = performance.now();
      if (hasAny) progressAtMs = nowMs;
      else if (nowMs - progressAtMs > endWithoutRecordsMs) this.behind.clear();
      for (const [partition, end] of this.behind)
        if ((this.positions.get(partition) ?? 0n) >= end) this.behind.delete(partition);
      // An empty answer at once instead of after a wait: nothing to see in what the broker has.
      if (!hasAny && nowMs - startedMs < 50) await sleep(100, undefined, { signal }).catch(() => undefined);
    }
  }

  private async fetch(reader: TopicReader, waitMs: number): Promise<boolean> {
    this.dueAtMs = performance.now() + waitMs;
    try {
      return await reader.fetch(this.positions, (records) => this.handle(records), waitMs);
    } catch (error) {
      // Records were deleted, or the topic is another: that is looked at, and no failure.
      if (brokerErrorType(error) !== 'OFFSET_OUT_OF_RANGE') throw error;
      this.isChanged = true;
      return false;
    } finally {
      this.dueAtMs = Infinity;
    }
  }

  /** What the look that goes on beside the fetches says. */
  private noteSeen(seen: SeenTopic | undefined): void {
    if (this.topicId === undefined) return;
    this.answeredAtMs = performance.now();
    if (seen?.id === this.topicId && seen.partitions === this.positions.size) return;
    this.isChanged = true;
    if (seen === undefined) this.failure = this.absence;
  }

  private get absence(): string {
    return `the topic ${this.options.topic} ${this.topicId === undefined ? 'does not exist yet' : 'was deleted'}`;
  }

  private answered(): void {
    this.failure = undefined;
    this.answeredAtMs = performance.now();
  }

  private async handle(records: readonly IncomingRecord[]): Promise<void> {
    if (this.stopped.signal.aborted) return;
    this.isHandling = true;
    try {
      await this.options.handle(records);
    } finally {
      this.isHandling = false;
      this.answeredAtMs = performance.now();
    }
  }

  /** Compares the topic with what is known of it. False when there is none. */
  private compare(bounds: TopicBounds | undefined): boolean {
    const { kafka, topic, onReset } = this.options;
    if (bounds === undefined) {
      this.failure = this.absence;
      return false;
    }
    const isShorter = [...this.positions].some(([partition, next]) => {
      const known = bounds.partitions.get(partition);
      return known === undefined || known.high < next;
    });
    const isAnother = this.topicId !== undefined && this.topicId !== bounds.id;
    if (isAnother || isShorter) {
      const what = isAnother ? 'the topic was made again' : 'the topic lost its end';
      kafka.log.warn({ topic }, `${what}; reading it from its beginning`);
      this.positions.clear();
      this.behind.clear();
      onReset?.();
    }
    this.topicId = bounds.id;
    for (const [partition, { low, high }] of bounds.partitions) {
      const next = this.positions.get(partition);
      if (next === undefined) {
        this.positions.set(partition, low);
        if (low < high) this.behind.set(partition, high);
      } else if (next < low) {
        kafka.log.warn({ topic, partition, records: String(low - next) }, 'records were deleted before they were read');
        this.positions.set(partition, low);
      }
    }
    this.answered();
    return true;
  }
}
