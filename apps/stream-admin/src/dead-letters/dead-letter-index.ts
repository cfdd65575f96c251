import { topics } from '@isobar/contracts';
import { createKafka, DeadLetterBox, type KafkaClientOptions, type StoredDeadLetter } from '@isobar/kafka';
import { LOGGER, Metrics, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { KAFKA_OPTIONS } from '../kafka-options.js';

/** So many are kept at hand; older ones are read from the topic when somebody asks for them. */
const lettersMax = 10_000;
const lookMs = 5_000;
/** A large topic is looked at less often, so that looking takes a tenth of the time at most. */
const idleShare = 10;

interface Page {
  readonly letters: readonly StoredDeadLetter[];
  readonly hasMore: boolean;
}

/** The newest dead letters, read again only when the topic has grown. */
@Injectable()
export class DeadLetterIndex implements OnApplicationBootstrap {
  private readonly stopped = new AbortController();
  private readonly admin;
  private connecting: Promise<void> | undefined;
  private end = '';
  private letters: readonly StoredDeadLetter[] = [];
  private reading: Promise<readonly StoredDeadLetter[]> | undefined;

  constructor(
    @Inject(KAFKA_OPTIONS) kafka: KafkaClientOptions,
    @Inject(LOGGER) private readonly log: Logger,
    private readonly box: DeadLetterBox,
    metrics: Metrics,
    shutdown: Shutdown,
  ) {
    this.admin = createKafka(kafka).admin();
    metrics.gauge(
      'isobar_dead_letters',
      'the newest 10,000 records that were set aside, by the topic they came from and whether they wait or were replayed',
      ['topic', 'state'],
      (gauge) => {
        gauge.reset();
        for (const { topic, isReplayed } of this.letters)
          gauge.inc({ topic, state: isReplayed ? 'replayed' : 'waiting' });
      },
    );
    shutdown.register('accepting', 'dead letters', () => this.stopped.abort());
    shutdown.register('connections', 'dead letters', () => this.admin.disconnect());
  }

  onApplicationBootstrap(): void {
    void this.keepLooking();
  }

  /**
   * A page of the letters, newest first, however old.
   *
   * @param after the id of the last letter of the page before
   * @returns undefined when there is no letter with that id
   * @throws when no broker answers
   */
  async page(
    matches: (letter: StoredDeadLetter) => boolean,
    after: string | undefined,
    limit: number,
  ): Promise<Page | undefined> {
    const letters = await this.newest();
    const position = after === undefined ? letters.length : letters.findIndex(({ id }) => id === after);
    const found =
      position < 0
        ? []
        : letters
            .slice(0, position)
            .filter(matches)
            .slice(-limit - 1)
            .reverse();
    if (found.length > limit) return { letters: found.slice(0, limit), hasMore: true };
    const hasOlder = letters.length >= lettersMax;
    if (position < 0 && !hasOlder) return undefined;
    const last = position < 0 ? after : letters[0]?.id;
    if (!hasOlder || last === undefined) return { letters: found, hasMore: false };
    const older = await this.box.listBefore(last, matches, limit + 1 - found.length);
    if (older === undefined) return position < 0 ? undefined : { letters: found, hasMore: false };
    const all = [...found, ...older.toReversed()];
    return { letters: all.slice(0, limit), hasMore: all.length > limit };
  }

  /** @throws when no broker answers */
  async find(id: string): Promise<StoredDeadLetter | undefined> {
    const letters = await this.newest();
    const known = letters.find((letter) => letter.id === id);
    if (known !== undefined || letters.length < lettersMax) return known;
    return (await this.box.list((letter) => letter.id === id, 1))[0];
  }

  /** Oldest first. */
  private newest(): Promise<readonly StoredDeadLetter[]> {
    // Whoever asks while the topic is being read shares the answer.
    this.reading ??= this.read().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async read(): Promise<readonly StoredDeadLetter[]> {
    this.connecting ??= this.admin.connect();
    await this.connecting.catch((error: unknown) => {
      this.connecting = undefined;
      throw error;
    });
    const offsets = await this.admin.fetchTopicOffsets(topics.deadLetters.name);
    const end = offsets.map(({ partition, low, high }) => `${partition}:${low}:${high}`).join();
    if (end === this.end) return this.letters;
    this.letters = await this.box.list(undefined, lettersMax);
    this.end = end;
    return this.letters;
  }

  private async keepLooking(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      const startedMs = performance.now();
      const known = this.letters.length;
      try {
        const letters = await this.newest();
        if (letters.length > known)
          this.log.warn({ added: letters.length - known }, 'records were set aside; see isobar dlq list');
      } catch (error) {
        this.log.debug({ err: error }, 'cannot look at the dead letters yet');
      }
      const pauseMs = Math.max(lookMs, (performance.now() - startedMs) * idleShare);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
