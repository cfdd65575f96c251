import type { TopicDeclaration } from '@isobar/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterLook } from '../cluster/cluster-look.js';
import type { KafkaClientOptions } from '../kafka-client.js';
import { createMissingTopics } from './ensure-topics.js';
import { KeptAdmin } from './kept-admin.js';

export interface TopicKeeperHooks {
  /** Topics that were there and no longer are; they are made again after this. */
  readonly onLost?: (names: readonly string[]) => void;
  /** Every look, once all topics are there. What it throws counts as a look that failed. */
  readonly onLook?: (admin: KeptAdmin, created: readonly string[]) => Promise<void> | void;
}

export interface TopicKeeperPauses {
  readonly pauseMs: number;
  /** After a look that failed. */
  readonly retryMs: number;
  /** Older looks say nothing about now. */
  readonly staleMs: number;
}

const defaults: TopicKeeperPauses = { pauseMs: 2_000, retryMs: 500, staleMs: 8_000 };

/** Looks again and again whether the declared topics are there, and makes those that are not. */
export class TopicKeeper {
  private readonly cluster: ClusterLook;
  /** Connects when there is something to do. */
  private readonly admin: KeptAdmin;
  private readonly stopping = new AbortController();
  private readonly seen = new Set<string>();
  private missing: readonly string[] = [];
  private completeAtMs: number | undefined;
  private failure: string | undefined;

  constructor(
    private readonly options: KafkaClientOptions,
    private readonly declarations: readonly TopicDeclaration[],
    private readonly hooks: TopicKeeperHooks = {},
    private readonly pauses: TopicKeeperPauses = defaults,
  ) {
    this.cluster = new ClusterLook(options);
    this.admin = new KeptAdmin(options);
  }

  /** Ends when `stop` was called. */
  async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      let pauseMs = this.pauses.pauseMs;
      try {
        await this.look();
        failures = 0;
      } catch (error) {
        failures += 1;
        pauseMs = Math.min(this.pauses.retryMs * failures, this.pauses.pauseMs);
        this.failure = error instanceof Error ? error.message : String(error);
        if (!signal.aborted && failures % 30 === 1)
          this.options.log.warn(
            { err: error, brokers: this.options.brokers },
            'cannot look at the topics; trying again',
          );
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.cluster.close(), this.admin.close()]);
  }

  /** @throws in words what is missing, or since when nothing is known */
  check(): void {
    if (this.missing.length > 0)
      throw new Error(`${this.missing.join(', ')} ${this.missing.length === 1 ? 'is' : 'are'} missing; being made`);
    if (this.completeAtMs === undefined)
      throw new Error(`waiting for the broker at ${this.options.brokers.join(',')}${this.because}`);
    const ageMs = performance.now() - this.completeAtMs;
    if (ageMs > this.pauses.staleMs)
      throw new Error(`no broker has told of the topics for ${Math.floor(ageMs / 1_000)} s${this.because}`);
  }

  private get because(): string {
    return this.failure === undefined ? '' : ` (${this.failure})`;
  }

  private async look(): Promise<void> {
    const names = this.declarations.map(({ name }) => name);
    const existing = await this.cluster.topics(names);
    this.missing = names.filter((name) => !existing.has(name));
    const lost = this.missing.filter((name) => this.seen.delete(name));
    if (lost.length > 0) {
      this.options.log.error({ topics: lost }, 'topics are gone; making them again');
      this.hooks.onLost?.(lost);
    }
    const created =
      this.missing.length === 0 ? [] : await this.admin.use((admin) => createMissingTopics(admin, this.declarations));
    for (const name of names) this.seen.add(name);
    if (created.length > 0) this.options.log.info({ topics: created }, 'topics made');
    await this.hooks.onLook?.(this.admin, created);
    this.missing = [];
    this.failure = undefined;
    this.completeAtMs = performance.now();
  }
}
