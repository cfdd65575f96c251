import { setTimeout as sleep } from 'node:timers/promises';
import { createCluster } from '../cluster/kafkajs-cluster.js';
import type { KafkaClientOptions } from '../kafka-client.js';
import type { DiskQueue } from './disk-queue.js';
import { sizeOf, type OutgoingRecord } from './outgoing-record.js';
import { BufferFullError, ProducerClosedError } from './producer-errors.js';
import type { ProducerSettings } from './producer-settings.js';
import { TopicLane } from './topic-lane.js';

/** How long a broker may take to hear that we leave. */
const disconnectMs = 500;

/**
 * Takes records one at a time and sends them in batches, in the order they came per key, each batch until the broker has it, topic by
 * topic and partition by partition: one that is missing or refuses a record holds up no other. While the broker is away records wait in
 * memory up to `buffer.memory`, or on disk if there is a queue for that. With `acks=all` it is idempotent: a batch whose answer got
 * lost is sent again unchanged, and the broker tells it from a new one.
 */
export class RecordProducer {
  private readonly lanes = new Map<string, TopicLane>();
  private readonly giveUp = new AbortController();
  private isClosed = false;
  private usedBytes = 0;
  private refusedCount = 0;

  /** @param disk takes what the broker does not take at once; what an earlier process left there goes first */
  constructor(
    private readonly options: KafkaClientOptions,
    private readonly settings: ProducerSettings,
    private readonly disk?: DiskQueue,
  ) {
    for (const topic of disk?.topics() ?? []) this.lane(topic).start();
  }

  /** Bytes that wait for the broker. */
  get pendingBytes(): number {
    return this.usedBytes + (this.disk?.pendingBytes ?? 0);
  }

  /** Records that were not taken for want of room, and those that the broker will never take, since the start. */
  get refusedRecords(): number {
    return this.refusedCount;
  }

  /** Why the last attempt failed, until one succeeds; that none is answered is trouble too. */
  get trouble(): Error | undefined {
    for (const lane of this.lanes.values()) if (lane.trouble !== undefined) return lane.trouble;
    return undefined;
  }

  /** Looks for a broker now rather than with the first record. @throws when none answers. */
  async connect(): Promise<void> {
    const cluster = createCluster(this.options);
    try {
      await cluster.connect();
    } finally {
      await cluster.disconnect();
    }
  }

  /**
   * Resolves when the broker has the record, or when it is in the queue on disk: then it is delivered even if this process is killed.
   *
   * @throws BufferFullError when too much waits, RecordRefusedError when the broker will never take it
   */
  send(record: OutgoingRecord): Promise<void> {
    if (this.isClosed) return Promise.reject(new ProducerClosedError('The producer is closed.'));
    const bytes = sizeOf(record);
    const lane = this.lane(record.topic);
    if (this.usedBytes + bytes > this.settings['buffer.memory']) lane.moveToDisk();
    if (this.usedBytes + bytes > this.settings['buffer.memory']) {
      this.refusedCount += 1;
      return Promise.reject(new BufferFullError(this.fullness()));
    }
    return lane.send(record, bytes);
  }

  /** Sends what waits, now. Resolves when all of it was answered. */
  async flush(): Promise<void> {
    await Promise.all([...this.lanes.values()].map((lane) => lane.flush()));
  }

  /** Flushes for at most `timeoutMs`, then disconnects. Resolves to the number of records that could not be delivered. */
  async close(timeoutMs = 4_000): Promise<number> {
    this.isClosed = true;
    const timer = setTimeout(() => this.giveUp.abort(), timeoutMs);
    const lanes = [...this.lanes.values()];
    const undelivered = await Promise.all(lanes.map((lane) => lane.close()));
    clearTimeout(timer);
    const disconnected = Promise.all(lanes.map((lane) => lane.disconnect().catch(() => undefined)));
    await Promise.race([disconnected, sleep(disconnectMs, undefined, { ref: false })]);
    this.disk?.close();
    return undelivered.reduce((sum, count) => sum + count, 0);
  }

  private fullness(): string {
    const inMemory = `${this.usedBytes} bytes already wait for the broker; buffer.memory is ${this.settings['buffer.memory']}`;
    if (this.disk === undefined) return `${inMemory}.`;
    return `${this.disk.trouble ?? `${this.disk.pendingBytes} bytes already wait on disk`}, and ${inMemory}.`;
  }

  private lane(topic: string): TopicLane {
    let lane = this.lanes.get(topic);
    if (lane === undefined) {
      lane = new TopicLane({
        topic,
        client: this.options,
        settings: this.settings,
        disk: this.disk,
        signal: this.giveUp.signal,
        onBytes: (bytes) => (this.usedBytes += bytes),
        onRefused: () => (this.refusedCount += 1),
      });
      this.lanes.set(topic, lane);
    }
    return lane;
  }
}
