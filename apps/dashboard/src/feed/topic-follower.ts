import { createKafka, type IncomingRecord, type KafkaClientOptions } from '@isobar/kafka';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

export interface TopicFollowerOptions {
  readonly kafka: KafkaClientOptions;
  readonly topic: string;
  /** Must not throw: a record that cannot be read is the caller's to count. */
  readonly onRecord: (record: IncomingRecord) => void;
}

const lookAgainMs = 500;
const leaveTimeoutMs = 3_000;

/**
 * Reads a topic from its beginning and goes on with what is added, committed records only. Waits for a topic that does
 * not exist yet. Commits nothing: whoever follows keeps its state in memory and reads all again after a restart. The
 * group that the client library insists on has a name of its own and is deleted at the end.
 */
export class TopicFollower {
  readonly #options: TopicFollowerOptions;
  readonly #kafka: ReturnType<typeof createKafka>;
  readonly #groupId: string;
  readonly #stopped = new AbortController();
  #consumer: ReturnType<ReturnType<typeof createKafka>['consumer']> | undefined;
  #starting: Promise<void> | undefined;
  #trouble: string | undefined = 'not started';
  /** Where each partition ended when reading began; empty once all of it was read. */
  #behind = new Map<number, bigint>();

  constructor(options: TopicFollowerOptions) {
    this.#options = options;
    this.#kafka = createKafka(options.kafka);
    this.#groupId = `${options.kafka.clientId}-${options.topic}-${randomUUID()}`;
  }

  /** Why the view of this topic is not complete; undefined when it is. */
  get trouble(): string | undefined {
    return this.#trouble ?? (this.#behind.size > 0 ? 'still reading what was there before' : undefined);
  }

  /** Begins in the background and keeps trying. */
  start(): void {
    this.#starting = this.#start();
  }

  /** Leaves the group and deletes it; without a broker that is left to the broker's own time limits. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.race([this.#leave(), delay(leaveTimeoutMs, undefined, { ref: false })]);
  }

  async #leave(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    if (this.#consumer === undefined) return;
    const admin = this.#kafka.admin({ retry: { retries: 0 } });
    try {
      await this.#consumer.disconnect();
      await admin.connect();
      await admin.deleteGroups([this.#groupId]);
    } catch {
      // The broker forgets an empty group by itself.
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  async #start(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        if (await this.#look()) return await this.#follow();
        this.#trouble = `the topic ${this.#options.topic} does not exist yet`;
      } catch (error) {
        this.#trouble = error instanceof Error ? error.message : String(error);
      }
      await delay(lookAgainMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  /** Notes where the topic ends now. False when there is no such topic. */
  async #look(): Promise<boolean> {
    const { topic } = this.#options;
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      if (!(await admin.listTopics()).includes(topic)) return false;
      const offsets = await admin.fetchTopicOffsets(topic);
      const filled = offsets.filter(({ low, high }) => BigInt(low) < BigInt(high));
      this.#behind = new Map(filled.map(({ partition, high }) => [partition, BigInt(high)]));
      return true;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  async #follow(): Promise<void> {
    const { topic, onRecord } = this.#options;
    const consumer = this.#kafka.consumer({
      groupId: this.#groupId,
      sessionTimeout: 6_000,
      heartbeatInterval: 1_500,
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: 200,
        maxRetryTime: 5_000,
        restartOnFailure: async () => !this.#stopped.signal.aborted,
      },
    });
    this.#consumer = consumer;
    consumer.on('consumer.group_join', () => {
      this.#trouble = undefined;
    });
    consumer.on('consumer.crash', ({ payload }) => {
      this.#trouble = payload.error.message;
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { key, value, headers = {}, offset, timestamp } of batch.messages) {
          const place = { topic, partition: batch.partition, offset };
          onRecord({ ...place, key, value, headers, timestampMs: Number(timestamp) });
        }
        const end = this.#behind.get(batch.partition);
        if (end !== undefined && BigInt(batch.lastOffset()) + 1n >= end) this.#behind.delete(batch.partition);
      },
    });
  }
}
