import type { KafkaClientOptions } from '@isobar/kafka';
import { LOGGER, Readiness, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { KAFKA_OPTIONS } from '../kafka-options.js';
import { LossJournal } from './loss-journal.js';
import { describeLoss, type TopicLoss } from './topic-loss.js';

const hourMs = 3_600_000;
/** A loss is news for this long, or until somebody says that it is known. */
const newsMs = 24 * hourMs;
/** Then it is told by `GET /losses` alone, for this long. */
const keptMs = 7 * 24 * hourMs;
const keptPerTopic = 20;

/** A loss with the topic that it happened to. */
export interface LossOf {
  readonly topic: string;
  readonly loss: TopicLoss;
}

/** What was lost of which topic. Known across restarts: what is noted is written at the next `flush`. */
@Injectable()
export class TopicLosses {
  private readonly journal: LossJournal;
  private readonly byTopic = new Map<string, readonly TopicLoss[]>();
  private readonly unwritten = new Set<string>();
  private isLoaded = false;

  constructor(
    @Inject(KAFKA_OPTIONS) kafka: KafkaClientOptions,
    @Inject(LOGGER) private readonly logger: Logger,
    shutdown: Shutdown,
    readiness: Readiness,
  ) {
    this.journal = new LossJournal(kafka);
    shutdown.register('producers', 'journal of losses', () => this.flush().finally(() => this.journal.close()));
    readiness.register({ name: 'topic history', optional: true, check: () => this.check() });
  }

  /** Reads what an earlier process noted, once. @throws when the broker is away */
  async load(): Promise<void> {
    if (this.isLoaded) return;
    for (const [topic, losses] of await this.journal.read()) {
      const known = this.of(topic);
      const both = new Map([...losses, ...known].map((loss) => [`${loss.noticedAt} ${loss.consequence}`, loss]));
      if (both.size > 0) this.byTopic.set(topic, [...both.values()]);
    }
    this.isLoaded = true;
  }

  note(topic: string, what: TopicLoss['what'], records: number | null, consequence: string): void {
    const noticedAt = new Date().toISOString();
    const loss: TopicLoss = { noticedAt, what, records, madeAgainAt: null, consequence, acknowledgedAt: null };
    this.set(topic, [...this.of(topic), loss].slice(-keptPerTopic));
    this.logger.error({ topic, what, records }, 'a topic lost records');
  }

  /** What a query tells of itself, each once, however often it is told. @param words what it is and what that leads to */
  noteTold(topic: string, atMs: number, words: string): void {
    const noticedAt = new Date(atMs).toISOString();
    // Several are told at one moment, one for each partition.
    const isKnown = this.of(topic).some(
      (loss) => loss.what === 'state' && loss.noticedAt === noticedAt && loss.consequence === words,
    );
    if (isKnown || Date.now() - atMs > keptMs) return;
    const loss: TopicLoss = {
      noticedAt,
      what: 'state',
      records: null,
      madeAgainAt: noticedAt,
      consequence: words,
      acknowledgedAt: null,
    };
    this.set(topic, [...this.of(topic), loss].slice(-keptPerTopic));
    this.logger.error({ topic }, words);
  }

  /** The topic is there (again). @param consequences what that leads to, where it leads to something */
  settle(topic: string, consequences: readonly string[]): void {
    const madeAgainAt = new Date().toISOString();
    const words = consequences.length > 0 && { consequence: consequences.join('; ') };
    const losses = this.of(topic).map((loss) =>
      loss.madeAgainAt === null ? { ...loss, madeAgainAt, ...words } : loss,
    );
    this.set(topic, losses);
    for (const loss of losses.slice(-1)) this.logger.warn({ topic }, describeLoss(topic, loss));
  }

  /** Somebody knows of it. @param topic all when absent @returns how many were news until now */
  async acknowledge(topic?: string): Promise<number> {
    const acknowledgedAt = new Date().toISOString();
    let count = 0;
    for (const [name, losses] of this.byTopic) {
      const fresh = losses.filter((loss) => loss.acknowledgedAt === null);
      if (fresh.length === 0 || (topic !== undefined && name !== topic)) continue;
      count += fresh.length;
      this.set(
        name,
        losses.map((loss) => ({ ...loss, acknowledgedAt: loss.acknowledgedAt ?? acknowledgedAt })),
      );
    }
    await this.flush();
    return count;
  }

  /** Oldest first. */
  of(topic: string): readonly TopicLoss[] {
    return this.byTopic.get(topic) ?? [];
  }

  /** Newest first. */
  all(): LossOf[] {
    return [...this.byTopic]
      .flatMap(([topic, losses]) => losses.map((loss) => ({ topic, loss })))
      .sort((a, b) => (a.loss.noticedAt < b.loss.noticedAt ? 1 : -1));
  }

  /** Those that somebody should look at, newest first. */
  news(): LossOf[] {
    const oldestAt = Date.now() - newsMs;
    return this.all().filter(({ loss }) => loss.acknowledgedAt === null && Date.parse(loss.noticedAt) > oldestAt);
  }

  /** Writes down what was noted. @param isJournalNew it was lost too: everything is written again */
  async flush(isJournalNew = false): Promise<void> {
    const oldestAt = Date.now() - keptMs;
    for (const [topic, losses] of this.byTopic) {
      const young = losses.filter(({ noticedAt }) => Date.parse(noticedAt) > oldestAt);
      if (young.length < losses.length) this.set(topic, young);
      if (isJournalNew) this.unwritten.add(topic);
    }
    for (const topic of [...this.unwritten]) {
      // What is noted while this is being written is written once more.
      this.unwritten.delete(topic);
      try {
        await this.journal.write(topic, this.of(topic));
      } catch (error) {
        this.unwritten.add(topic);
        throw error;
      }
      if (this.of(topic).length === 0) this.byTopic.delete(topic);
    }
  }

  private check(): void {
    const news = this.news();
    if (news.length === 0) return;
    const words = news.map(({ topic, loss }) => describeLoss(topic, loss)).join('; ');
    throw new Error(`${words} (npx isobar topics acknowledge says that this is known)`);
  }

  private set(topic: string, losses: readonly TopicLoss[]): void {
    this.byTopic.set(topic, losses);
    this.unwritten.add(topic);
  }
}
