import { LOGGER } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { Database } from '../database/database.js';
import { Retention } from './retention.js';

const everyMs = 10 * 60_000;

/** Forgets what is old, every ten minutes. */
@Injectable()
export class RetentionJob {
  private isBusy = false;

  constructor(
    @Inject(LOGGER) private readonly log: Logger,
    private readonly retention: Retention,
    private readonly database: Database,
  ) {}

  @Interval(everyMs)
  async tick(): Promise<void> {
    if (this.isBusy || !this.database.isReady) return;
    this.isBusy = true;
    try {
      const gone = await this.retention.run(Date.now());
      if (Object.values(gone).some((count) => count > 0)) this.log.info({ gone }, 'what is old was forgotten');
    } catch (error) {
      this.log.warn({ err: error }, 'what is old could not be forgotten; trying again in ten minutes');
    } finally {
      this.isBusy = false;
    }
  }
}
