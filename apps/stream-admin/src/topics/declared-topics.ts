import { declaredTopics, type TopicDeclaration } from '@isobar/contracts';
import {
  createMissingTopics,
  KeptAdmin,
  TopicKeeper,
  topicDrift,
  type Admin,
  type KafkaClientOptions,
} from '@isobar/kafka';
import { Readiness, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { KAFKA_OPTIONS } from '../kafka-options.js';
import { ClusterBounds, type BoundsByTopic } from './cluster-bounds.js';
import { describeDrift } from './describe-drift.js';
import { journalTopic } from './loss-journal.js';
import { recordsIn } from './topic-bounds.js';
import { describeLoss } from './topic-loss.js';
import { TopicLosses } from './topic-losses.js';
import { TopicPast, type RetentionMs } from './topic-past.js';

const declarations = [...declaredTopics, journalTopic];

/** What another look saw this long ago is as good as a look of our own. */
const boundsAgeMs = 1_500;
/** Settings change rarely and cost a request more. */
const driftEveryMs = 10_000;
/** The kind of a resource whose settings are asked for, in the Kafka protocol. */
const topicResource = 2;
/** Where a setting comes from, there: somebody gave it to this topic. */
const ofTheTopic = 1;

const goesOn = 'its sources go on filling it';

/** A topic that queries write. */
export interface MadeTopic {
  readonly name: string;
  /** What becomes of its readers when records are deleted from it. */
  readonly consequence: string;
  /** What is in it again after it was deleted and made again empty. */
  readonly whenDeleted: string;
  /** What the query says it lost of its own: state, or records that it could not read. */
  readonly told: readonly { readonly atMs: number; readonly words: string }[];
}

/** What queries write, as it was last seen, and as it is now: empty while the pipeline is being changed. */
export interface MadeTopics {
  readonly seen: () => readonly MadeTopic[];
  readonly now: () => Promise<readonly MadeTopic[]>;
}

/** What was in a topic that was made anew. */
export interface ErasedTopic {
  readonly topic: string;
  readonly partitions: number;
  /** At most so many. */
  readonly records: number;
}

/** Does what a lost topic needs beyond being there. @returns what becomes of it, in words; undefined when it is not concerned */
export type LossListener = (topic: string) => string | undefined;

/** The topics that the pipeline reads: looked at all the time, made when missing, with the word on what was lost. */
@Injectable()
export class DeclaredTopics implements OnApplicationBootstrap {
  private readonly keeper: TopicKeeper;
  private readonly past = new TopicPast();
  private readonly listeners: LossListener[] = [];
  private made: MadeTopics = { seen: () => [], now: async () => [] };
  /** Topics that queries write, as they were when they were last there. */
  private readonly madeAs = new Map<string, TopicDeclaration>();
  private readonly madeAnewAtMs = new Map<string, number>();
  private driftByTopic: ReadonlyMap<string, readonly string[]> = new Map();
  private driftAtMs = -Infinity;
  private readonly complete = Promise.withResolvers<void>();

  constructor(
    @Inject(KAFKA_OPTIONS) kafka: KafkaClientOptions,
    private readonly losses: TopicLosses,
    private readonly bounds: ClusterBounds,
    shutdown: Shutdown,
    readiness: Readiness,
  ) {
    this.keeper = new TopicKeeper(kafka, declarations, {
      onLost: (names) => this.noteLost(names),
      onLook: (admin, created) => this.look(admin, created),
    });
    shutdown.register('accepting', 'topics', () => this.keeper.stop());
    readiness.register({ name: 'topics', check: () => this.check() });
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

  /**
   * Has topics that queries write watched too. One that is gone is made again as it was: its query waits for it, what was in it is lost
   * already, and an empty one loses nothing more.
   */
  watchAlso(topics: MadeTopics): void {
    this.made = topics;
  }

  /**
   * Runs what deletes topics that queries write and makes them anew. That is no loss to be told of; nor are they made again meanwhile.
   *
   * @returns what was in those that were there
   */
  async whileMadeAnew(names: readonly string[], work: () => Promise<void>): Promise<readonly ErasedTopic[]> {
    if (names.length === 0) {
      await work();
      return [];
    }
    const bounds = await this.bounds.latest();
    for (const name of names) this.madeAnewAtMs.set(name, Infinity);
    try {
      await work();
      for (const name of names) {
        this.past.forget(name);
        this.madeAs.delete(name);
      }
    } finally {
      for (const name of names) this.madeAnewAtMs.set(name, performance.now());
    }
    return names.flatMap((topic) => {
      const before = bounds.get(topic);
      return before === undefined ? [] : [{ topic, partitions: before.size, records: recordsIn(before) }];
    });
  }

  drift(topic: string): readonly string[] {
    return this.driftByTopic.get(topic) ?? [];
  }

  isDeclared(topic: string): boolean {
    return declarations.some(({ name }) => name === topic);
  }

  private check(): void {
    const gone = this.losses
      .all()
      .filter(({ loss }) => loss.what === 'deleted' && loss.madeAgainAt === null)
      .map(({ topic, loss }) => describeLoss(topic, loss));
    if (gone.length > 0) throw new Error(gone.join('; '));
    this.keeper.check();
  }

  private checkSettings(): void {
    if (this.driftByTopic.size > 0) throw new Error(describeDrift(this.driftByTopic));
  }

  private noteLost(names: readonly string[]): void {
    for (const name of names) {
      const records = this.past.recordsIn(name);
      this.past.forget(name);
      this.losses.note(name, 'deleted', records, goesOn);
    }
  }

  private async look(admin: KeptAdmin, created: readonly string[]): Promise<void> {
    await this.losses.load();
    const beganMs = performance.now();
    const bounds = await this.bounds.latest(created.length > 0 ? 0 : boundsAgeMs);
    for (const { name, config } of declarations) {
      const isCompacted = config['cleanup.policy'] === 'compact';
      await this.lookAt(name, bounds, isCompacted ? Infinity : Number(config['retention.ms'] ?? 0), goesOn);
      this.settle(name);
    }
    await this.makeAgain(admin, bounds);
    for (const { name, told } of this.made.seen())
      for (const { atMs, words } of told) this.losses.noteTold(name, atMs, words);
    await this.losses.flush(created.includes(journalTopic.name));
    if (created.length > 0 || performance.now() - this.driftAtMs > driftEveryMs) {
      await admin.use(async (client) => {
        this.driftByTopic = await topicDrift(client, declarations);
        await this.lookAtMade(client, bounds, beganMs - boundsAgeMs);
      });
      await this.losses.flush();
      this.driftAtMs = performance.now();
    }
    this.complete.resolve();
  }

  /** @returns whether records were lost */
  private async lookAt(
    name: string,
    bounds: BoundsByTopic,
    retentionMs: RetentionMs,
    consequence: string,
  ): Promise<boolean> {
    const now = bounds.get(name);
    // Made since the bounds were asked for: the next look sees it.
    if (now === undefined) return false;
    const seen = await this.past.look(name, now, retentionMs, (timeMs) => this.bounds.offsetsFrom(name, timeMs));
    for (const { what, records } of seen) this.losses.note(name, what, records, consequence);
    return seen.length > 0;
  }

  private async lookAtMade(admin: Admin, bounds: BoundsByTopic, beganMs: number): Promise<void> {
    // What was seen before a topic was made anew is of another one.
    const made = this.made.seen().filter(({ name }) => (this.madeAnewAtMs.get(name) ?? -Infinity) < beganMs);
    const declared = await describeMade(admin, made, bounds);
    for (const { name, consequence } of made) {
      const declaration = declared.get(name);
      if (declaration === undefined) continue;
      this.madeAs.set(name, declaration);
      const retentionMs = retentionOf(declaration);
      if (retentionMs === undefined) this.past.forget(name);
      else if (await this.lookAt(name, bounds, retentionMs, consequence)) this.losses.settle(name, []);
    }
  }

  private async makeAgain(admin: KeptAdmin, bounds: BoundsByTopic): Promise<void> {
    const isGone = ({ name }: MadeTopic): boolean => this.madeAs.has(name) && !bounds.has(name);
    if (!this.made.seen().some(isGone)) return;
    // Whoever drops a query drops its topic behind it, and wants neither again.
    for (const { name, whenDeleted } of (await this.made.now()).filter(isGone)) {
      const declaration = this.madeAs.get(name);
      if (declaration === undefined) continue;
      const records = this.past.recordsIn(name);
      const created = await admin.use((client) => createMissingTopics(client, [declaration]));
      if (created.length === 0) continue;
      this.past.forget(name);
      this.losses.note(name, 'deleted', records, whenDeleted);
      this.losses.settle(name, []);
    }
  }

  /** The topic is there (again): whoever depends on it acts, once per loss. */
  private settle(name: string): void {
    if (this.losses.of(name).every(({ madeAgainAt }) => madeAgainAt !== null)) return;
    this.losses.settle(
      name,
      this.listeners.flatMap((listener) => listener(name) ?? []),
    );
    this.driftAtMs = -Infinity;
  }
}

/** Partitions and own settings of those that are there. */
async function describeMade(
  admin: Admin,
  topics: readonly MadeTopic[],
  bounds: BoundsByTopic,
): Promise<ReadonlyMap<string, TopicDeclaration>> {
  const names = [...new Set(topics.map(({ name }) => name))].filter((name) => bounds.has(name));
  if (names.length === 0) return new Map();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: topicResource, name })),
  });
  return new Map(
    resources.map(({ resourceName: name, configEntries }) => {
      const own = configEntries.filter(({ configSource }) => Number(configSource) === ofTheTopic);
      const config = Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]));
      return [name, { name, partitions: bounds.get(name)?.size ?? 1, config }];
    }),
  );
}

/** Kafka's own, where a topic has no other. */
const weekMs = 7 * 24 * 3_600_000;

/**
 * How long it keeps its records. Undefined for one that is compacted and loses old records too, as windows do: their event times say when,
 * and those may be long past.
 */
function retentionOf({ config }: TopicDeclaration): RetentionMs | undefined {
  const policy = config['cleanup.policy'] ?? 'delete';
  if (policy.includes(',')) return undefined;
  const retentionMs = Number(config['retention.ms'] ?? weekMs);
  return policy === 'compact' || retentionMs < 0 ? Infinity : retentionMs;
}
