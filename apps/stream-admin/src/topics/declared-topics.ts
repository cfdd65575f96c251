import { declaredTopics, type TopicDeclaration } from '@isobar/contracts';
import { TopicKeeper, topicDrift, type Admin, type KafkaClientOptions } from '@isobar/kafka';
import { LOGGER, Readiness, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { KAFKA_OPTIONS } from '../kafka-options.js';
import {
  isAnother,
  keptFrom,
  recordsCut,
  recordsIn,
  toBounds,
  type KeptFrom,
  type TopicBounds,
} from './topic-bounds.js';
import { describeLoss, type TopicLoss } from './topic-loss.js';

export const journalTopic: TopicDeclaration = {
  name: 'isobar-deployments',
  partitions: 1,
  config: { 'cleanup.policy': 'compact' },
};

const declarations = [...declaredTopics, journalTopic];

/** Settings change rarely and cost a request more. */
const driftEveryMs = 10_000;
/** A loss is news for this long; `GET /topics` goes on telling of it. */
const newsMs = 15 * 60_000;
const lossesKept = 20;

/** Does what a lost topic needs beyond being there. @returns what becomes of it, in words; undefined when it is not concerned */
export type LossListener = (topic: string) => string | undefined;

/** The topics that the pipeline reads: looked at all the time, made when missing, with the word on what was lost. */
@Injectable()
export class DeclaredTopics implements OnApplicationBootstrap {
  private readonly keeper: TopicKeeper;
  private readonly lossesByTopic = new Map<string, TopicLoss[]>();
  private readonly bounds = new Map<string, TopicBounds>();
  /** What nobody but a person can have deleted: all of a compacted topic, else what is younger than the retention. */
  private readonly kept = new Map<string, { readonly from: KeptFrom; readonly sinceMs: number }>();
  private readonly listeners: LossListener[] = [];
  private driftByTopic: ReadonlyMap<string, readonly string[]> = new Map();
  private driftAtMs = -Infinity;
  private readonly complete = Promise.withResolvers<void>();

  constructor(
    @Inject(KAFKA_OPTIONS) kafka: KafkaClientOptions,
    @Inject(LOGGER) private readonly logger: Logger,
    shutdown: Shutdown,
    readiness: Readiness,
  ) {
    this.keeper = new TopicKeeper(kafka, declarations, {
      onLost: (names) => this.noteLost(names),
      onLook: (admin, created) => this.look(admin, created),
    });
    shutdown.register('accepting', 'topics', () => this.keeper.stop());
    readiness.register({ name: 'topics', check: () => this.check() });
    readiness.register({ name: 'topic history', optional: true, check: () => this.checkHistory() });
    readiness.register({ name: 'topic settings', optional: true, check: () => this.checkSettings() });
  }

  onApplicationBootstrap(): void {
    void this.keeper.run();
  }

  /** Resolves when all are there for the first time. */
  async whenThere(signal: AbortSignal): Promise<void> {
    const stopped = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    );
    await Promise.race([this.complete.promise, stopped]);
  }

  /** Calls back for a topic that was lost, once it is there again. */
  onLoss(listener: LossListener): void {
    this.listeners.push(listener);
  }

  losses(topic: string): readonly TopicLoss[] {
    return this.lossesByTopic.get(topic) ?? [];
  }

  drift(topic: string): readonly string[] {
    return this.driftByTopic.get(topic) ?? [];
  }

  isDeclared(topic: string): boolean {
    return declarations.some(({ name }) => name === topic);
  }

  private check(): void {
    const gone = [...this.lossesByTopic].flatMap(([topic, losses]) =>
      losses
        .filter(({ what, madeAgainAt }) => what === 'deleted' && madeAgainAt === null)
        .map((loss) => describeLoss(topic, loss)),
    );
    if (gone.length > 0) throw new Error(gone.join('; '));
    this.keeper.check();
  }

  private checkHistory(): void {
    const news = [...this.lossesByTopic].flatMap(([topic, losses]) =>
      losses
        .filter(({ noticedAt }) => Date.now() - Date.parse(noticedAt) < newsMs)
        .map((loss) => describeLoss(topic, loss)),
    );
    if (news.length > 0) throw new Error(news.join('; '));
  }

  private checkSettings(): void {
    const differing = [...this.driftByTopic].map(([topic, differences]) => `${topic}: ${differences.join(', ')}`);
    if (differing.length > 0) throw new Error(`settings differ from the declaration: ${differing.join('; ')}`);
  }

  private noteLost(names: readonly string[]): void {
    for (const name of names) {
      const before = this.bounds.get(name);
      this.forget(name);
      this.note(name, 'deleted', before === undefined ? null : recordsIn(before));
    }
  }

  private async look(admin: Admin, created: readonly string[]): Promise<void> {
    for (const { name, config } of declarations) {
      const now = toBounds(await admin.fetchTopicOffsets(name));
      const before = this.bounds.get(name);
      if (before !== undefined && isAnother(before, now)) {
        this.forget(name);
        this.note(name, 'replaced', recordsIn(before));
      }
      this.bounds.set(name, now);
      this.noteCut(name, config, now);
    }
    for (const [name] of this.lossesByTopic) this.settle(name);
    if (created.length > 0 || performance.now() - this.driftAtMs > driftEveryMs) {
      this.driftByTopic = await topicDrift(admin, declarations);
      this.driftAtMs = performance.now();
    }
    this.complete.resolve();
  }

  private noteCut(name: string, config: Readonly<Record<string, string>>, now: TopicBounds): void {
    const isCompacted = config['cleanup.policy'] === 'compact';
    const retentionMs = isCompacted ? Infinity : Number(config['retention.ms'] ?? 0);
    const kept = this.kept.get(name);
    const records = kept === undefined ? 0 : recordsCut(kept.from, now);
    const isYoung = kept !== undefined && Date.now() - kept.sinceMs < retentionMs;
    if (isYoung && records === 0) return;
    // A topic that was made again holds nothing old.
    const isNew = kept === undefined && this.losses(name).length > 0;
    this.kept.set(name, { from: keptFrom(now, isCompacted || isNew ? 'low' : 'high'), sinceMs: Date.now() });
    if (isYoung) this.note(name, 'cut', records);
  }

  private note(name: string, what: TopicLoss['what'], records: number | null): void {
    const loss: TopicLoss = {
      noticedAt: new Date().toISOString(),
      what,
      records,
      madeAgainAt: null,
      consequence: 'its sources go on filling it',
    };
    this.lossesByTopic.set(name, [...this.losses(name), loss].slice(-lossesKept));
    this.logger.error({ topic: name, what, records }, 'a topic lost records');
  }

  /** The topic is there (again): whoever depends on it acts, once per loss. */
  private settle(name: string): void {
    const losses = this.losses(name);
    if (losses.every(({ madeAgainAt }) => madeAgainAt !== null)) return;
    const consequences = this.listeners.flatMap((listener) => listener(name) ?? []);
    const madeAgainAt = new Date().toISOString();
    this.lossesByTopic.set(
      name,
      losses.map((loss) =>
        loss.madeAgainAt !== null
          ? loss
          : { ...loss, madeAgainAt, ...(consequences.length > 0 && { consequence: consequences.join('; ') }) },
      ),
    );
    this.driftAtMs = -Infinity;
    for (const loss of this.losses(name).slice(-1)) this.logger.warn({ topic: name }, describeLoss(name, loss));
  }

  private forget(name: string): void {
    this.bounds.delete(name);
    this.kept.delete(name);
  }
}
