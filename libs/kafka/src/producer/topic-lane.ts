import { brokerErrorType } from '../broker-errors.js';
import type { KafkaClientOptions } from '../kafka-client.js';
import type { DiskQueue } from './disk-queue.js';
import { sizeOf, type OutgoingRecord } from './outgoing-record.js';
import { ProducerClosedError, RecordRefusedError } from './producer-errors.js';
import type { ProducerSettings } from './producer-settings.js';
import { TopicWriter } from './topic-writer.js';

export interface TopicLaneOptions {
  readonly topic: string;
  readonly client: KafkaClientOptions;
  readonly settings: ProducerSettings;
  readonly disk: DiskQueue | undefined;
  /** Aborts when what is under way shall be let go of. */
  readonly signal: AbortSignal;
  /** More or fewer bytes are held in memory. */
  readonly onBytes: (bytes: number) => void;
  readonly onRefused: () => void;
}

interface Waiting {
  readonly record: OutgoingRecord;
  /** Of the memory that may be used; 0 for what came from the disk. */
  bytes: number;
  /** Undefined once the sender has its answer. */
  answer: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  isDone: boolean;
}

interface Batch {
  readonly waiting: readonly Waiting[];
  /** When it was sent, or when the broker last answered for some of it. */
  waitsSinceMs: number;
  /** The last chunk of the disk that it holds; undefined while it is in memory alone. */
  lastChunk: number | undefined;
}

/** A broker that is well answers in less; what waits longer goes to the disk, so that a kill of this process does not lose it. */
const moveToDiskAfterMs = 100;
/** A disk that had no room is asked again. */
const askDiskAgainMs = 250;
/** A broker that is well answers in far less. */
const silentLimitMs = 5_000;
/** Batches of several partitions share a round; all of it in one partition still is less than what a topic takes by default. */
const partitionsOfABatch = 12;

/** The records of one topic on their way: in memory while the broker answers, on disk while it does not. One batch is under way at a time. */
export class TopicLane {
  private readonly writer: TopicWriter<Waiting>;
  private readonly batchBytesMax: number;
  private queue: Waiting[] = [];
  private queuedBytes = 0;
  private batch: Batch | undefined;
  private sending: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private timerAtMs = Number.POSITIVE_INFINITY;
  private undelivered = 0;

  constructor(private readonly options: TopicLaneOptions) {
    const { client, topic, settings } = options;
    this.writer = new TopicWriter(client, topic, settings);
    this.batchBytesMax = settings['batch.size'] * partitionsOfABatch;
  }

  get trouble(): Error | undefined {
    const { failure } = this.writer;
    if (failure !== undefined || this.batch === undefined) return failure;
    const silentMs = performance.now() - this.batch.waitsSinceMs;
    if (silentMs < silentLimitMs) return undefined;
    return new Error(`Kafka has not answered for ${Math.floor(silentMs / 1_000)} s.`);
  }

  /** Sends what an earlier process left on disk. */
  start(): void {
    this.step();
  }

  send(record: OutgoingRecord, bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.queue.push({ record, bytes, answer: { resolve, reject }, isDone: false });
      this.queuedBytes += bytes;
      this.options.onBytes(bytes);
      const isEnough = this.queuedBytes >= this.options.settings['batch.size'] && this.sending === undefined;
      if (isEnough || (this.options.settings['linger.ms'] === 0 && this.sending === undefined)) this.step();
      else this.stepWithin(this.options.settings['linger.ms']);
    });
  }

  async flush(): Promise<void> {
    while (this.queue.length > 0 || this.sending !== undefined || this.hasUntaken()) {
      if (this.options.signal.aborted) return;
      this.step();
      await this.sending;
    }
  }

  /** Waits until all is delivered or the signal aborts; what is left then goes to the disk. Resolves to what was lost. */
  async close(): Promise<number> {
    await this.flush();
    clearTimeout(this.timer);
    this.moveToDisk(true);
    const { waiting = [] } = this.batch ?? {};
    const lost = [...waiting, ...this.queue].filter(({ answer }) => answer !== undefined);
    this.undelivered += lost.length;
    for (const one of lost) this.settle(one, new ProducerClosedError('The broker did not take the record in time.'));
    this.queue = [];
    return this.undelivered;
  }

  disconnect(): Promise<void> {
    return this.writer.close();
  }

  /** What is in memory becomes safe: the batch under way first, so that the order stays. As much as there is room for. */
  moveToDisk(isLimitless = false): void {
    const { disk, topic } = this.options;
    if (disk === undefined) return;
    if (this.batch !== undefined && this.batch.lastChunk === undefined) {
      const open = this.batch.waiting.filter(({ isDone }) => !isDone);
      if (open.length > 0) {
        const chunk = disk.append(
          topic,
          open.map(({ record }) => record),
          isLimitless,
        );
        if (chunk === undefined) return;
        this.batch.lastChunk = chunk;
        disk.take(topic, chunk);
        for (const one of open) this.taken(one);
      }
    }
    while (this.queue.length > 0) {
      const count = this.countWithin(this.batchBytesMax);
      const chunk = this.queue.slice(0, count);
      if (
        disk.append(
          topic,
          chunk.map(({ record }) => record),
          isLimitless,
        ) === undefined
      )
        return;
      this.removeFirst(count);
      for (const one of chunk) this.taken(one);
    }
  }

  private step(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.timerAtMs = Number.POSITIVE_INFINITY;
    if (this.mustBeOnDisk()) {
      this.moveToDisk();
      const isAllThere = this.queue.length === 0 && (this.batch === undefined || this.batch.lastChunk !== undefined);
      if (!isAllThere) this.stepWithin(askDiskAgainMs);
    }
    if (this.sending === undefined && !this.options.signal.aborted) this.sendNext();
  }

  private stepWithin(ms: number): void {
    const atMs = performance.now() + ms;
    if (atMs >= this.timerAtMs) return;
    clearTimeout(this.timer);
    this.timerAtMs = atMs;
    this.timer = setTimeout(() => this.step(), ms);
  }

  /** Older records are there, or the broker takes too long. */
  private mustBeOnDisk(): boolean {
    if (this.options.disk === undefined) return false;
    if (this.hasUntaken()) return true;
    return this.batch !== undefined && performance.now() - this.batch.waitsSinceMs >= moveToDiskAfterMs - 1;
  }

  private hasUntaken(): boolean {
    return this.options.disk?.hasUntaken(this.options.topic) === true;
  }

  private sendNext(): void {
    const { disk, topic } = this.options;
    const fromDisk = this.hasUntaken() ? disk?.next(topic, this.batchBytesMax) : undefined;
    if (fromDisk !== undefined)
      this.startSending(
        fromDisk.records.map((record) => ({ record, bytes: 0, answer: undefined, isDone: false })),
        fromDisk.lastChunk,
      );
    else if (this.queue.length > 0 && !this.hasUntaken()) {
      const count = this.countWithin(this.batchBytesMax);
      const waiting = this.queue.slice(0, count);
      this.removeFirst(count);
      this.startSending(waiting, undefined);
    }
  }

  private startSending(waiting: readonly Waiting[], lastChunk: number | undefined): void {
    const batch: Batch = { waiting, waitsSinceMs: performance.now(), lastChunk };
    this.batch = batch;
    if (this.options.disk !== undefined) this.stepWithin(moveToDiskAfterMs);
    this.sending = this.writer
      .deliver(
        waiting,
        {
          delivered: (items) => {
            batch.waitsSinceMs = performance.now();
            for (const one of items) this.settle(one);
          },
          refused: (one, error) => this.refuse(one, error),
        },
        this.options.signal,
      )
      .then(
        () => {
          if (batch.lastChunk !== undefined) this.options.disk?.delivered(this.options.topic, batch.lastChunk);
          this.batch = undefined;
        },
        (error: unknown) => {
          // The stop: what is not delivered stays where it is.
          if (this.options.signal.aborted) return;
          // A mistake of ours: nobody waits for ever for an answer.
          const cause = error instanceof Error ? error : new Error(String(error));
          for (const one of batch.waiting) if (!one.isDone) this.refuse(one, cause);
          this.batch = undefined;
        },
      )
      .then(() => {
        this.sending = undefined;
        if (!this.options.signal.aborted && (this.queue.length > 0 || this.hasUntaken())) this.step();
      });
  }

  private refuse(one: Waiting, cause: Error): void {
    const { client, topic, onRefused } = this.options;
    const reason = brokerErrorType(cause) ?? cause.message;
    onRefused();
    client.log.error({ topic, reason }, 'Kafka refused a record');
    this.settle(one, new RecordRefusedError(`${topic}: ${reason}`, { cause }));
  }

  private settle(one: Waiting, error?: Error): void {
    one.isDone = true;
    const { answer } = one;
    this.taken(one, () => (error === undefined ? answer?.resolve() : answer?.reject(error)));
  }

  /** The sender has its answer, and the memory is free for others. */
  private taken(one: Waiting, answer: () => void = () => one.answer?.resolve()): void {
    answer();
    one.answer = undefined;
    this.options.onBytes(-one.bytes);
    one.bytes = 0;
  }

  private countWithin(bytesMax: number): number {
    let bytes = 0;
    let count = 0;
    for (const { record } of this.queue) {
      bytes += sizeOf(record);
      if (count > 0 && bytes > bytesMax) break;
      count += 1;
    }
    return count;
  }

  private removeFirst(count: number): void {
    for (const { record } of this.queue.slice(0, count)) this.queuedBytes -= sizeOf(record);
    this.queue = this.queue.slice(count);
  }
}
