import { topics } from '@isobar/contracts';
import type { Producer, TopicMessages } from 'kafkajs';
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
/** Letters of one transaction: each is small enough to end long before its time is up. */
const lettersPerTransaction = 100;

/** Reads the dead letters and replays them. */
export class DeadLetterBox {
  private producer: Producer | undefined;
  private replaying: Promise<unknown> = Promise.resolve();
  /** What this process replayed: a committed transaction takes a moment until readers see it. */
  private readonly replayedHere = new Set<string>();

  constructor(private readonly options: KafkaClientOptions) {}

  /**
   * The dead letters, oldest first; one that was set aside twice is there once.
   *
   * @param matches which to keep; all without it
   * @param max how many to keep, the newest; all without it
   */
  async list(
    matches: (letter: DeadLetter) => boolean = () => true,
    max = Number.POSITIVE_INFINITY,
  ): Promise<readonly StoredDeadLetter[]> {
    const letters = new Map<string, DeadLetter>();
    const replayed = new Set(this.replayedHere);
    await readTopic(this.options, topics.deadLetters.name, (record) => {
      const replayedId = headerText(record.headers, replayedHeader);
      if (replayedId !== undefined) replayed.add(replayedId);
      const letter = fromDeadLetterRecord(record);
      if (letter === undefined || letters.has(letter.id) || !matches(letter)) return;
      keepNewest(letters, letter, max);
    });
    return [...letters.values()].map((letter) => ({ ...letter, isReplayed: replayed.has(letter.id) }));
  }

  /**
   * The newest of the letters that were set aside before one of them, oldest first. Reads the topic twice: what became of a letter
   * stands behind it.
   *
   * @param max how many to keep
   * @returns undefined when there is no letter with this id
   */
  async listBefore(
    id: string,
    matches: (letter: StoredDeadLetter) => boolean,
    max: number,
  ): Promise<readonly StoredDeadLetter[] | undefined> {
    const replayed = new Set(this.replayedHere);
    await readTopic(this.options, topics.deadLetters.name, ({ headers }) => {
      const replayedId = headerText(headers, replayedHeader);
      if (replayedId !== undefined) replayed.add(replayedId);
    });
    const letters = new Map<string, StoredDeadLetter>();
    let isFound = false;
    await readTopic(this.options, topics.deadLetters.name, (record) => {
      if (isFound) return;
      const letter = fromDeadLetterRecord(record);
      if (letter === undefined || letters.has(letter.id)) return;
      isFound = letter.id === id;
      const stored = { ...letter, isReplayed: replayed.has(letter.id) };
      if (!isFound && matches(stored)) keepNewest(letters, stored, max);
    });
    return isFound ? [...letters.values()] : undefined;
  }

  /**
   * Puts a letter back into its topic, with another value when `value` is given. The record and the marker that says so are one
   * transaction, so a letter enters its topic once however often this is called.
   *
   * @throws ReplayRefusedError when there is no such letter or it was replayed before
   */
  replay(id: string, edited?: { value: Buffer | null }): Promise<void> {
    return this.inTurn(async () => {
      const [letter] = await this.lettersToReplay((candidate) => candidate.id === id, 1);
      if (letter === undefined) throw new ReplayRefusedError('DEAD_LETTER_UNKNOWN', `There is no dead letter ${id}.`);
      if (letter.isReplayed)
        throw new ReplayRefusedError('DEAD_LETTER_REPLAYED', `The dead letter ${id} was replayed before.`);
      await this.send([edited === undefined ? letter : { ...letter, value: edited.value }]);
    });
  }

  /**
   * Puts letters back into their topics, unchanged, oldest first; those that were replayed before stay where they are.
   *
   * @param matches which letters
   * @param max how many at most, the newest of them
   * @returns the ids of those that were put back; after a failure some may have been, and a second call puts back the rest
   */
  replayMany(matches: (letter: DeadLetter) => boolean, max: number): Promise<readonly string[]> {
    return this.inTurn(async () => {
      const letters = (await this.lettersToReplay(matches, max)).filter(({ isReplayed }) => !isReplayed);
      for (let at = 0; at < letters.length; at += lettersPerTransaction)
        await this.send(letters.slice(at, at + lettersPerTransaction));
      return letters.map(({ id }) => id);
    });
  }

  async close(): Promise<void> {
    await this.replaying;
    await this.producer?.disconnect();
  }

  /** One replay at a time: each must see what the one before it did. */
  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = this.replaying.then(work);
    this.replaying = next.catch(() => undefined);
    return next;
  }

  private async lettersToReplay(
    matches: (letter: DeadLetter) => boolean,
    max: number,
  ): Promise<readonly StoredDeadLetter[]> {
    // The transactional producer first: it ends an unfinished replay of another process, so that the list is final.
    await this.connected();
    return this.list(matches, max);
  }

  private async send(letters: readonly DeadLetter[]): Promise<void> {
    const producer = await this.connected();
    const transaction = await producer.transaction();
    try {
      await transaction.sendBatch({ topicMessages: [...recordsOf(letters), markersOf(letters)] });
      await transaction.commit();
      for (const { id } of letters) this.replayedHere.add(id);
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

function keepNewest<Letter extends DeadLetter>(letters: Map<string, Letter>, letter: Letter, max: number): void {
  letters.set(letter.id, letter);
  const [oldest] = letters.size > max ? letters.keys() : [];
  if (oldest !== undefined) letters.delete(oldest);
}

/** The records as they were, with their own time, by topic. */
const recordsOf = (letters: readonly DeadLetter[]): TopicMessages[] =>
  [...Map.groupBy(letters, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    messages: ofTopic.map(({ id, key, value, headers, timestampMs }) => ({
      key,
      value,
      headers: { ...definedHeaders(headers), [replayOfHeader]: id } as Record<string, string>,
      timestamp: String(timestampMs),
    })),
  }));

const markersOf = (letters: readonly DeadLetter[]): TopicMessages => ({
  topic: topics.deadLetters.name,
  messages: letters.map(({ id, key }) => ({ key, value: null, headers: { [replayedHeader]: id } })),
});
