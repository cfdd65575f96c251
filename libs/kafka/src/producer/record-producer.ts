import kafkajs, { type Kafka, type Producer } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka, type KafkaClientOptions } from '../kafka-client.js';
import type { Log } from '../log.js';
import { brokerErrorType, permanentErrors, producerStateErrors } from './broker-errors.js';
import type { DiskQueue } from './disk-queue.js';
import { byTopic, sizeOf, type OutgoingRecord } from './outgoing-record.js';
import type { ProducerSettings } from './producer-settings.js';

const { CompressionTypes } = kafkajs;

/** The producer holds as much as it may (`buffer.memory`); the record was not taken. */
export class BufferFullError extends Error {
  override readonly name = 'BufferFullError';
  readonly code = 'PRODUCER_BUFFER_FULL';
}

/** The broker will never take this record, such as one that is larger than the topic allows. */
export class RecordRefusedError extends Error {
  override readonly name = 'RecordRefusedError';
  readonly code = 'RECORD_REFUSED';
}

interface Waiting {
  readonly record: OutgoingRecord;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** It came from the disk, where it stays until its batch is delivered. */
  readonly isOnDisk?: true;
}

/** How long a broker may take to hear that we leave. */
const disconnectMs = 500;
/** A broker that is well answers in far less. */
const silentLimitMs = 5_000;

const compressionTypes = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const;

/**
 * Takes records one at a time and sends them in batches, in the order they came, each batch until the broker has it. While the
 * broker is away records wait in memory up to `buffer.memory`, then on disk if there is a queue for that. With `acks=all` it is
 * idempotent: a batch whose answer got lost is sent again unchanged, and the broker tells it from a new one.
 *
 * One batch is under way at a time; that keeps order per key across retries.
 */
export class RecordProducer {
  private readonly kafka: Kafka;
  private readonly log: Log;
  private producer: Producer | undefined;
  private queue: Waiting[] = [];
  private queuedBytes = 0;
  private lingerTimer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private isClosed = false;
  private readonly giveUp = new AbortController();
  private lastFailure: Error | undefined;
  /** When the batch under way was sent first. */
  private sentAtMs: number | undefined;

  constructor(
    options: KafkaClientOptions,
    private readonly settings: ProducerSettings,
    private readonly disk?: DiskQueue,
  ) {
    this.kafka = createKafka(options);
    this.log = options.log;
    // What an earlier process could not deliver goes first.
    this.refill();
  }

  /** Bytes that wait for the broker. */
  get pendingBytes(): number {
    return this.queuedBytes + (this.disk?.pendingBytes ?? 0);
  }

  /** Why the last attempt failed, until one succeeds; that none is answered is trouble before kafkajs gives it up. */
  get trouble(): Error | undefined {
    if (this.lastFailure !== undefined || this.sentAtMs === undefined) return this.lastFailure;
    const silentMs = performance.now() - this.sentAtMs;
    if (silentMs < silentLimitMs) return undefined;
    return new Error(`Kafka has not answered for ${Math.floor(silentMs / 1_000)} s.`);
  }

  /** Connects now rather than with the first record. @throws when no broker answers. */
  async connect(): Promise<void> {
    await this.connected();
    this.lastFailure = undefined;
  }

  /**
   * Resolves when the broker has the record, or when it is in the queue on disk.
   *
   * @throws BufferFullError when too much waits, RecordRefusedError when the broker will never take it.
   */
  send(record: OutgoingRecord): Promise<void> {
    if (this.isClosed) return Promise.reject(new Error('The producer is closed.'));
    const bytes = sizeOf(record);
    // While older records wait on disk, a new one must not overtake them.
    if (
      this.disk !== undefined &&
      (this.disk.pendingBytes > 0 || this.queuedBytes + bytes > this.settings['buffer.memory'])
    ) {
      if (this.disk.append(record)) {
        this.refill();
        return Promise.resolve();
      }
      return Promise.reject(
        new BufferFullError(`${this.disk.pendingBytes} bytes already wait on disk for the broker.`),
      );
    }
    if (this.queuedBytes + bytes > this.settings['buffer.memory'])
      return Promise.reject(
        new BufferFullError(
          `${this.queuedBytes} bytes already wait for the broker; buffer.memory is ${this.settings['buffer.memory']}.`,
        ),
      );
    return new Promise((resolve, reject) => {
      this.queue.push({ record, bytes, resolve, reject });
      this.queuedBytes += bytes;
      this.schedule();
    });
  }

  /** Sends what waits, now. Resolves when all of it was answered. */
  async flush(): Promise<void> {
    while (this.queue.length > 0 || this.sending !== undefined) {
      this.startSending();
      await this.sending;
    }
  }

  /** Flushes for at most `timeoutMs`, then disconnects. Resolves to the number of records that could not be delivered. */
  async close(timeoutMs = 4_000): Promise<number> {
    this.isClosed = true;
    clearTimeout(this.lingerTimer);
    const timer = setTimeout(() => this.giveUp.abort(), timeoutMs);
    await this.flush();
    clearTimeout(timer);
    const disconnected = this.producer?.disconnect().catch(() => undefined);
    await Promise.race([disconnected, sleep(disconnectMs, undefined, { ref: false })]);
    if (this.leftOver.length > 0) this.disk?.prepend(this.leftOver);
    this.disk?.close();
    return this.undelivered;
  }

  private undelivered = 0;
  /** What was in memory when the time was up; it goes to the disk. */
  private readonly leftOver: OutgoingRecord[] = [];

  /** Brings records from the disk into the queue once nothing older is left there. */
  private refill(): void {
    if (this.disk === undefined || this.queue.length > 0 || this.sending !== undefined) return;
    if (!this.disk.hasUntaken || this.giveUp.signal.aborted) return;
    for (const record of this.disk.take(this.settings['batch.size'] * 8)) {
      const bytes = sizeOf(record);
      this.queue.push({ record, bytes, resolve: () => undefined, reject: () => undefined, isOnDisk: true });
      this.queuedBytes += bytes;
    }
    this.schedule();
  }

  private schedule(): void {
    if (this.sending !== undefined) return;
    if (this.queuedBytes >= this.settings['batch.size'] || this.settings['linger.ms'] === 0) {
      this.startSending();
      return;
    }
    this.lingerTimer ??= setTimeout(() => this.startSending(), this.settings['linger.ms']);
  }

  private startSending(): void {
    clearTimeout(this.lingerTimer);
    this.lingerTimer = undefined;
    if (this.sending !== undefined || this.queue.length === 0) return;
    const batch = this.takeBatch();
    this.sentAtMs = performance.now();
    this.sending = this.sendBatch(batch).finally(() => {
      this.sentAtMs = undefined;
      if (batch[0]?.isOnDisk === true) this.diskAnswered();
      this.sending = undefined;
      if (this.queue.length === 0) this.refill();
      if (this.queue.length > 0) this.schedule();
    });
  }

  /** As many records as one request should carry: those of several partitions share it. */
  private takeBatch(): readonly Waiting[] {
    const limit = this.settings['batch.size'] * 8;
    let bytes = 0;
    let count = 0;
    const isOnDisk = this.queue[0]?.isOnDisk;
    for (const waiting of this.queue) {
      const { bytes: size } = waiting;
      if (count > 0 && (bytes + size > limit || waiting.isOnDisk !== isOnDisk)) break;
      bytes += size;
      count += 1;
    }
    const batch = this.queue.slice(0, count);
    this.queue = this.queue.slice(count);
    return batch;
  }

  private async sendBatch(batch: readonly Waiting[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.untilGivenUp(() => this.sendNow(batch));
        this.lastFailure = undefined;
        this.settle(batch, ({ resolve }) => resolve());
        return;
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        const type = brokerErrorType(failure);
        if (type !== undefined && permanentErrors.has(type)) {
          await this.sendApart(batch, failure, type);
          return;
        }
        this.lastFailure = failure;
        if (this.giveUp.signal.aborted) {
          const inMemory = batch.filter(({ isOnDisk }) => isOnDisk !== true);
          if (this.disk === undefined) this.undelivered += inMemory.length;
          else {
            this.leftOver.push(...inMemory.map(({ record }) => record));
            this.settle(batch, ({ resolve }) => resolve());
            return;
          }
          this.settle(batch, ({ reject }) => reject(failure));
          return;
        }
        if (attempt === 1 || attempt % 10 === 0)
          this.log.warn({ err: failure, attempt, records: batch.length }, 'Kafka did not take records; trying again');
        if (type !== undefined && producerStateErrors.has(type)) await this.replaceProducer();
        await sleep(Math.min(100 * 2 ** attempt, 2_000), undefined, { signal: this.giveUp.signal }).catch(
          () => undefined,
        );
      }
    }
  }

  private async sendNow(batch: readonly Waiting[]): Promise<void> {
    const producer = await this.connected();
    await producer.sendBatch({
      acks: this.settings.acks === 'all' ? -1 : Number(this.settings.acks),
      compression: compressionTypes[this.settings['compression.type']],
      topicMessages: byTopic(batch.map(({ record }) => record)),
    });
  }

  /** kafkajs tries for many seconds by itself; a stop does not wait for that. What became of the attempt is unknown then. */
  private async untilGivenUp(start: () => Promise<void>): Promise<void> {
    const { signal } = this.giveUp;
    signal.throwIfAborted();
    let stop: () => void = () => undefined;
    const givenUp = new Promise<never>((_, reject) => {
      stop = () => reject(new Error('The broker did not answer before the stop.'));
      signal.addEventListener('abort', stop, { once: true });
    });
    const attempt = start();
    attempt.catch(() => undefined);
    try {
      await Promise.race([attempt, givenUp]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** One record spoils the batch: find it by sending the halves apart, so that the others still arrive. */
  private async sendApart(batch: readonly Waiting[], failure: Error, type: string): Promise<void> {
    if (batch.length === 1) {
      const topic = batch[0]?.record.topic ?? '';
      this.log.error({ topic, reason: type }, 'Kafka refused a record');
      this.settle(batch, ({ reject }) => reject(new RecordRefusedError(`${topic}: ${type}`, { cause: failure })));
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await this.sendBatch(batch.slice(0, middle));
    await this.sendBatch(batch.slice(middle));
  }

  /** All that was taken from the disk is answered. */
  private diskAnswered(): void {
    if (this.giveUp.signal.aborted && this.lastFailure !== undefined) return;
    if (this.queue.every(({ isOnDisk }) => isOnDisk !== true)) this.disk?.delivered();
  }

  private settle(batch: readonly Waiting[], action: (waiting: Waiting) => void): void {
    for (const waiting of batch) {
      this.queuedBytes -= waiting.bytes;
      action(waiting);
    }
  }

  private async connected(): Promise<Producer> {
    if (this.producer !== undefined) return this.producer;
    const isIdempotent = this.settings.acks === 'all' || this.settings.acks === '-1';
    const producer = this.kafka.producer({
      idempotent: isIdempotent,
      ...(isIdempotent ? { maxInFlightRequests: 1 } : {}),
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
    });
    await producer.connect();
    this.producer = producer;
    return producer;
  }

  private async replaceProducer(): Promise<void> {
    const old = this.producer;
    this.producer = undefined;
    await old?.disconnect().catch(() => undefined);
  }
}
