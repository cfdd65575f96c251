import { topics } from '@isobar/contracts';
import type { Producer } from 'kafkajs';
import { readTopic } from '../consumer/read-topic.js';
import { createKafka, type KafkaClientOptions } from '../kafka-client.js';
import {
  definedHeaders,
  fromDeadLetterRecord,
  headerText,
  replayedHeader,
  replayOfHeader,
  type DeadLetter,
} from './dead-letter.js';

/** A dead letter and what became of it. */
export interface StoredDeadLetter extends DeadLetter {
  readonly isReplayed: boolean;
}

/** The letter was replayed before, or never existed. */
export class ReplayRefusedError extends Error {
  override readonly name = 'ReplayRefusedError';

  constructor(
    readonly code: 'DEAD_LETTER_UNKNOWN' | 'DEAD_LETTER_REPLAYED',
    message: string,
  ) {
    super(message);
  }
}

const transactionalId = 'isobar-dead-letter-replay';

/** Reads the dead letters and replays them. */
export class DeadLetterBox {
  private producer: Producer | undefined;
  private replaying: Promise<unknown> = Promise.resolve();
  /** What this process replayed: a committed transaction takes a moment until readers see it. */
  private readonly replayedHere = new Set<string>();

  constructor(private readonly options: KafkaClientOptions) {}

  /** All dead letters, oldest first; one that was set aside twice is there once. */
  async list(): Promise<readonly StoredDeadLetter[]> {
    const letters = new Map<string, DeadLetter>();
    const replayed = new Set(this.replayedHere);
    await readTopic(this.options, topics.deadLetters.name, (record) => {
      const replayedId = headerText(record.headers, replayedHeader);
      if (replayedId !== undefined) replayed.add(replayedId);
      const letter = fromDeadLetterRecord(record);
      if (letter !== undefined && !letters.has(letter.id)) letters.set(letter.id, letter);
    });
    return [...letters.values()].map((letter) => ({ ...letter, isReplayed: replayed.has(letter.id) }));
  }

  /**
   * Puts a letter back into its topic, with another value when `value` is given. The record and the marker that says so are one
   * transaction, so a letter enters its topic once however often this is called.
   *
   * @throws ReplayRefusedError when there is no such letter or it was replayed before
   */
  replay(id: string, edited?: { value: Buffer | null }): Promise<void> {
    const next = this.replaying.then(() => this.replayNow(id, edited));
    this.replaying = next.catch(() => undefined);
    return next;
  }

  async close(): Promise<void> {
    await this.replaying;
    await this.producer?.disconnect();
  }

  private async replayNow(id: string, edited: { value: Buffer | null } | undefined): Promise<void> {
    // The transactional producer first: it ends an unfinished replay of another process, so that the list below is final.
    const producer = await this.connected();
    const letter = (await this.list()).find((candidate) => candidate.id === id);
    if (letter === undefined) throw new ReplayRefusedError('DEAD_LETTER_UNKNOWN', `There is no dead letter ${id}.`);
    if (letter.isReplayed)
      throw new ReplayRefusedError('DEAD_LETTER_REPLAYED', `The dead letter ${id} was replayed before.`);

    const transaction = await producer.transaction();
    try {
      await transaction.sendBatch({
        topicMessages: [
          {
            topic: letter.topic,
            messages: [
              {
                key: letter.key,
                value: edited === undefined ? letter.value : edited.value,
                headers: { ...definedHeaders(letter.headers), [replayOfHeader]: letter.id } as Record<string, string>,
                timestamp: String(letter.timestampMs),
              },
            ],
          },
          {
            topic: topics.deadLetters.name,
            messages: [{ key: letter.key, value: null, headers: { [replayedHeader]: letter.id } }],
          },
        ],
      });
      await transaction.commit();
      this.replayedHere.add(letter.id);
    } catch (error) {
      await transaction.abort().catch(() => undefined);
      // A fenced producer is of no more use.
      this.producer = undefined;
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  }

  private async connected(): Promise<Producer> {
    if (this.producer !== undefined) return this.producer;
    const producer = createKafka(this.options).producer({
      transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 2, retries: 30, maxRetryTime: 500 },
    });
    await producer.connect();
    this.producer = producer;
    return producer;
  }
}
