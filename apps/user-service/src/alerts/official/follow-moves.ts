import { LOGGER } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { Database } from '../../database/database.js';
import { isOurTurn } from '../../database/job-locks.js';
import { followMoves } from './official-store.js';

const everyMs = 5_000;

/** Who comes to a city with official warnings is told of them, and who leaves it is not told of them any more. Replicas take turns. */
@Injectable()
export class FollowMoves {
  private isBusy = false;
  private failures = 0;

  constructor(
    @Inject(LOGGER) private readonly log: Logger,
    private readonly database: Database,
  ) {}

  @Interval(everyMs)
  async tick(): Promise<void> {
    if (this.isBusy || !this.database.isReady) return;
    this.isBusy = true;
    try {
      await this.follow(Date.now());
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      if (this.failures % 60 === 1)
        this.log.warn({ err: error }, 'moves are not followed by official warnings; trying again');
    } finally {
      this.isBusy = false;
    }
  }

  /** @param nowMs processing time, epoch milliseconds */
  async follow(nowMs: number): Promise<void> {
    for (let met = 1; met > 0;)
      met = await this.database.transaction(async (manager) =>
        (await isOurTurn(manager, 'moves')) ? followMoves(manager, nowMs) : 0,
      );
  }
}
