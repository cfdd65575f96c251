import type { CityCatalog } from '@isobar/contracts';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { PollObservations } from './poll-observations.js';

const timerName = 'poll-observations';
/** How long the simulation holds back: hardly at the start, when everybody waits for the first record. */
const patienceMs = { first: 1_000, later: 5_000 } as const;

/** Polls all cities, then again after the interval, counted from start to start. */
export class WeatherPoller {
  private isStopped = true;
  private lastPollMs: number | undefined;

  constructor(
    private readonly polling: PollObservations,
    private readonly catalog: CityCatalog,
    private readonly scheduler: SchedulerRegistry,
    private intervalMsNow: number,
    private readonly log: Logger,
  ) {}

  get intervalMs(): number {
    return this.intervalMsNow;
  }

  /** When the last round ended, in epoch milliseconds. */
  get lastPollAtMs(): number | undefined {
    return this.lastPollMs;
  }

  /** Takes effect with the next cycle. */
  setInterval(intervalMs: number): void {
    this.intervalMsNow = intervalMs;
  }

  start(): void {
    this.isStopped = false;
    this.catalog.onChange(({ added, removed }) => {
      for (const city of removed) this.polling.forget(city.id);
      if (added.length > 0)
        void this.polling.poll(added, patienceMs.later).catch((error: unknown) => this.report(error));
    });
    void this.cycle(patienceMs.first);
  }

  stop(): void {
    this.isStopped = true;
    this.clearTimer();
  }

  private async cycle(patience: number): Promise<void> {
    const startedMs = Date.now();
    try {
      await this.polling.poll(this.catalog.all(), patience);
    } catch (error) {
      this.report(error);
    }
    this.lastPollMs = Date.now();
    if (this.isStopped) return;
    this.clearTimer();
    const waitMs = Math.max(0, startedMs + this.intervalMsNow - Date.now());
    this.scheduler.addTimeout(
      timerName,
      setTimeout(() => void this.cycle(patienceMs.later), waitMs),
    );
  }

  private clearTimer(): void {
    if (this.scheduler.doesExist('timeout', timerName)) this.scheduler.deleteTimeout(timerName);
  }

  private report(error: unknown): void {
    this.log.error({ err: error }, 'a poll failed');
  }
}
