import type { Database } from '../../database/database.js';
import { tellNews } from '../keeping/news.js';
import { tellDue } from '../telling/tell.js';

const pageSize = 200;

/** Tells what waited for its time: the end of quiet hours, a digest, room in the budget. Replicas share the work, person by person. */
export class NoticeClock {
  constructor(private readonly database: Database) {}

  /** @param nowMs processing time, epoch milliseconds */
  async tick(nowMs: number): Promise<void> {
    for (let told = pageSize; told === pageSize;)
      told = await this.database.transaction(async (manager) => {
        const userIds = await tellDue(manager, nowMs, pageSize);
        await tellNews(manager, userIds);
        return userIds.length;
      });
  }
}
