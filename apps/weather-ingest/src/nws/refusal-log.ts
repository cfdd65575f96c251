import type { Logger } from 'pino';
import type { RefusalCount } from './refusals.js';

const intervalMs = 10 * 60_000;

/** The first refusal of a kind is told at once, then one in ten minutes with the count: a broken list must not fill a disk. */
export class RefusalLog {
  private readonly toldAtMs = new Map<string, number>();

  constructor(
    private readonly log: Pick<Logger, 'warn'>,
    private readonly now: () => number = Date.now,
  ) {}

  refused({ what, reason, place, detail, count }: RefusalCount): void {
    const kind = `${what}/${reason}`;
    const nowMs = this.now();
    if (nowMs - (this.toldAtMs.get(kind) ?? Number.NEGATIVE_INFINITY) < intervalMs) return;
    this.toldAtMs.set(kind, nowMs);
    this.log.warn({ what, reason, place, count }, `not taken from the weather service: ${detail}`);
  }
}
