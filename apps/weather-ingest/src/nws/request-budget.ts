import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { CacheFiles } from '../cache-files.js';
import { NwsError } from './nws-error.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const hoursSchema = z.array(z.object({ startMs: z.number(), count: z.int().min(0) }));

/** Requests of the last 24 hours, counted by the hour, and a limit on them; kept over restarts where there is a file. */
export class RequestBudget {
  private readonly hours: { startMs: number; count: number }[];

  constructor(
    private readonly perDay: number,
    private readonly file?: string,
    private readonly files = new CacheFiles(),
  ) {
    this.hours = file === undefined ? [] : readHours(file);
  }

  /** Takes one request. @throws NwsError `held-back` when the day's requests are spent. */
  take(nowMs: number): void {
    if (this.usedAt(nowMs) >= this.perDay)
      throw new NwsError('held-back', `The ${this.perDay} requests of the last 24 hours are spent (NWS_DAILY_BUDGET)`);
    const startMs = Math.floor(nowMs / hourMs) * hourMs;
    const last = this.hours.at(-1);
    if (last?.startMs === startMs) last.count += 1;
    else this.hours.push({ startMs, count: 1 });
    this.save();
  }

  /** A request that never reached the service costs nothing. */
  giveBack(nowMs: number): void {
    const last = this.hours.at(-1);
    if (last === undefined || last.startMs <= nowMs - dayMs || last.count === 0) return;
    last.count -= 1;
    this.save();
  }

  usedAt(nowMs: number): number {
    while (this.hours[0] !== undefined && this.hours[0].startMs <= nowMs - dayMs) this.hours.shift();
    return this.hours.reduce((sum, { count }) => sum + count, 0);
  }

  private save(): void {
    if (this.file !== undefined) this.files.write(this.file, JSON.stringify(this.hours));
  }
}

/** A file that cannot be read counts as a day without requests. */
function readHours(file: string): { startMs: number; count: number }[] {
  try {
    return hoursSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
