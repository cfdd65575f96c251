import { topics } from '@isobar/contracts';
import {
  DeadLetterBox,
  NewestLetters,
  TopicFollower,
  type KafkaClientOptions,
  type StoredDeadLetter,
} from '@isobar/kafka';
import { LOGGER, Metrics, Problem, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { KAFKA_OPTIONS } from '../kafka-options.js';

/** So many are kept at hand; older ones are read from the topic when somebody asks for them. */
const lettersMax = 10_000;
const bytesMax = 67_108_864;
/** How long a request waits for a follower that has just begun, or lost its broker. */
const patienceMs = 5_000;
const tellMs = 5_000;

interface Page {
  readonly letters: readonly StoredDeadLetter[];
  readonly hasMore: boolean;
}

/** The newest dead letters, in memory; the topic is followed, so that a page costs the same however long it is. */
@Injectable()
export class DeadLetterIndex implements OnApplicationBootstrap {
  private readonly newest = new NewestLetters(lettersMax, bytesMax);
  private readonly follower: TopicFollower;
  private added = 0;

  constructor(
    @Inject(KAFKA_OPTIONS) kafka: KafkaClientOptions,
    @Inject(LOGGER) log: Logger,
    private readonly box: DeadLetterBox,
    metrics: Metrics,
    shutdown: Shutdown,
  ) {
    this.follower = new TopicFollower({
      kafka,
      topic: topics.deadLetters.name,
      handle: (records) => {
        for (const record of records) this.newest.take(record);
        this.added += records.length;
      },
      onReset: () => this.newest.clear(),
    });
    metrics.gauge(
      'isobar_dead_letters',
      'the newest 10,000 records that were set aside, by the topic they came from and whether they wait or were replayed',
      ['topic', 'state'],
      (gauge) => {
        gauge.reset();
        for (const { topic, isReplayed } of this.newest.all())
          gauge.inc({ topic, state: isReplayed ? 'replayed' : 'waiting' });
      },
    );
    const telling = setInterval(() => {
      if (this.added > 0) log.warn({ added: this.added }, 'records were set aside; see isobar dlq list');
      this.added = 0;
    }, tellMs);
    shutdown.register('accepting', 'telling of dead letters', () => clearInterval(telling));
    shutdown.register('consumers', 'dead letters', () => this.follower.stop());
  }

  onApplicationBootstrap(): void {
    this.follower.start();
  }

  /** What was replayed just now: its marker takes a moment to come around. */
  markReplayed(id: string): void {
    this.newest.markReplayed(id);
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
    await this.upToDate();
    const letters = this.newest.all();
    const { hasOlder } = this.newest;
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
    await this.upToDate();
    const known = this.newest.get(id);
    if (known !== undefined || !this.newest.hasOlder) return known;
    return (await this.box.list((letter) => letter.id === id, 1))[0];
  }

  private async upToDate(): Promise<void> {
    for (const deadline = performance.now() + patienceMs; this.follower.trouble !== undefined; await sleep(50))
      if (performance.now() > deadline)
        throw new Problem(503, {
          type: 'upstream-unavailable',
          title: 'The dead letters are not at hand',
          detail: this.follower.trouble,
        });
  }
}
