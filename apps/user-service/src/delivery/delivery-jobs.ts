import { LOGGER, Metrics, Readiness, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { Database } from '../database/database.js';
import { DeliveryStore } from './delivery-store.js';
import { DeliveryWorker } from './delivery-worker.js';
import { OutboxRelay } from './outbox-relay.js';

const lookMs = 500;
const forgetMs = 3_600_000;
/** What is due and has not been begun for so long stands. */
const standsAfterMs = 60_000;
/** A job that fails each half second is told of once a minute. */
const toldEvery = 120;

/** Lets what is queued leave, twice a second; replicas share the work. */
@Injectable()
export class DeliveryJobs implements OnApplicationBootstrap {
  private readonly busy = new Set<string>();
  private readonly failures = new Map<string, number>();
  private publishedAtMs = Date.now();

  constructor(
    @Inject(LOGGER) private readonly log: Logger,
    private readonly database: Database,
    private readonly store: DeliveryStore,
    private readonly worker: DeliveryWorker,
    private readonly relay: OutboxRelay,
    private readonly readiness: Readiness,
    private readonly shutdown: Shutdown,
    private readonly metrics: Metrics,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness.register({ name: 'deliveries', optional: true, check: () => this.checkDeliveries() });
    this.readiness.register({ name: 'outbox', optional: true, check: () => this.checkOutbox() });
    this.shutdown.register('consumers', 'deliveries', () => this.worker.stop());
    this.metrics.gauge(
      'notice_deliveries',
      'Deliveries to webhooks and mail that wait, and that were given up',
      ['state'],
      async (gauge) => {
        if (!this.database.isReady) return;
        const { pending, dead } = await this.store.standing(Date.now());
        gauge.set({ state: 'pending' }, pending);
        gauge.set({ state: 'dead' }, dead);
      },
    );
  }

  @Interval(lookMs)
  async deliver(): Promise<void> {
    await this.once('deliveries', async () => {
      await this.worker.begin();
    });
  }

  @Interval(lookMs)
  async publish(): Promise<void> {
    await this.once('outbox', async () => {
      await this.relay.relay();
      this.publishedAtMs = Date.now();
    });
  }

  @Interval(forgetMs)
  async forget(): Promise<void> {
    await this.once('old deliveries', () => this.store.forget(Date.now()));
  }

  private async once(job: string, work: () => Promise<void>): Promise<void> {
    if (this.busy.has(job) || !this.database.isReady) return;
    this.busy.add(job);
    try {
      await work();
      this.failures.delete(job);
    } catch (error) {
      const failures = (this.failures.get(job) ?? 0) + 1;
      this.failures.set(job, failures);
      if (failures % toldEvery === 1) this.log.warn({ err: error, job }, 'a job of notices failed; trying again');
    } finally {
      this.busy.delete(job);
    }
  }

  private async checkDeliveries(): Promise<void> {
    if (!this.database.isReady) return;
    const nowMs = Date.now();
    const { overdueSinceMs, pending } = await this.store.standing(nowMs);
    if (overdueSinceMs !== null && nowMs - overdueSinceMs > standsAfterMs)
      throw new Error(`${pending} deliveries wait, the first since ${new Date(overdueSinceMs).toISOString()}`);
  }

  private async checkOutbox(): Promise<void> {
    if (!this.relay.isOn || !this.database.isReady || Date.now() - this.publishedAtMs < standsAfterMs) return;
    throw new Error(`nothing was published since ${new Date(this.publishedAtMs).toISOString()}: the notices wait`);
  }
}
