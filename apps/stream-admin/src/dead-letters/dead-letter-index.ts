import { topics } from '@isobar/contracts';
import { createKafka, DeadLetterBox, type KafkaClientOptions, type StoredDeadLetter } from '@isobar/kafka';
import { LOGGER, Metrics, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { KAFKA_OPTIONS } from '../queries/tokens.js';

/** Older ones stay in the topic and can still be replayed by their id. */
const lettersMax = 10_000;
const lookMs = 5_000;
/** A large topic is looked at less often, so that looking takes a tenth of the time at most. */
const idleShare = 10;

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
      'records that were set aside, by the topic they came from and whether they wait or were replayed',
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

  /** Oldest first. @throws when no broker answers */
  all(): Promise<readonly StoredDeadLetter[]> {
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
        const letters = await this.all();
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
