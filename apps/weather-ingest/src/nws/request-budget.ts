import { NwsError } from './nws-error.js';

const dayMs = 86_400_000;

/** Requests of the last 24 hours, counted by the hour, and a limit on them. */
export class RequestBudget {
  private readonly hours: { startMs: number; count: number }[] = [];

  constructor(private readonly perDay: number) {}

  /** Takes one request. @throws NwsError `held-back` when the day's requests are spent. */
  take(nowMs: number): void {
    if (this.usedAt(nowMs) >= this.perDay)
      throw new NwsError('held-back', `The ${this.perDay} requests of the last 24 hours are spent (NWS_DAILY_BUDGET)`);
    const startMs = Math.floor(nowMs / 3_600_000) * 3_600_000;
    const last = this.hours.at(-1);
    if (last?.startMs === startMs) last.count += 1;
    else this.hours.push({ startMs, count: 1 });
  }

  /** A request that never reached the service costs nothing. */
  giveBack(nowMs: number): void {
    const last = this.hours.at(-1);
    if (last !== undefined && last.startMs > nowMs - dayMs && last.count > 0) last.count -= 1;
  }

  usedAt(nowMs: number): number {
    while (this.hours[0] !== undefined && this.hours[0].startMs <= nowMs - dayMs) this.hours.shift();
    return this.hours.reduce((sum, { count }) => sum + count, 0);
  }
}
