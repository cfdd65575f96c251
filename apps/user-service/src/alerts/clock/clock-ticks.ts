import { LOGGER } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { Database } from '../../database/database.js';
import { SignalTransport } from '../signals/signal-transport.js';
import { AlertClock } from './alert-clock.js';
import { NoticeClock } from './notice-clock.js';

const tickMs = 1_000;

/** Lets time pass for alerts, once a second, one look at a time. */
@Injectable()
export class ClockTicks {
  private isBusy = false;
  private failures = 0;

  constructor(
    @Inject(LOGGER) private readonly log: Logger,
    private readonly clock: AlertClock,
    private readonly notices: NoticeClock,
    private readonly transport: SignalTransport,
    private readonly database: Database,
  ) {}

  @Interval(tickMs)
  async tick(): Promise<void> {
    if (this.isBusy || !this.database.isReady) return;
    this.isBusy = true;
    try {
      const nowMs = Date.now();
      await this.clock.tick(nowMs, () => this.transport.isCaughtUp(nowMs));
      await this.notices.tick(nowMs);
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      if (this.failures % 60 === 1) this.log.warn({ err: error }, 'the time of alerts stands still; trying again');
    } finally {
      this.isBusy = false;
    }
  }
}
