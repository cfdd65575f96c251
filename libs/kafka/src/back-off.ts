import { setTimeout as sleep } from 'node:timers/promises';

const firstPauseMs = 200;

/** Pauses between attempts that fail: each twice as long as the one before, up to a limit, from the beginning after a success. */
export class BackOff {
  private failures = 0;

  constructor(private readonly longestPauseMs = 5_000) {}

  succeeded(): void {
    this.failures = 0;
  }

  /** Failures since the last success; the first and every tenth are worth a line in the log. */
  get isWorthALine(): boolean {
    return this.failures === 1 || this.failures % 10 === 0;
  }

  failed(): void {
    this.failures += 1;
  }

  /** Ends early when `signal` aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    const pauseMs = Math.min(firstPauseMs * 2 ** Math.max(this.failures - 1, 0), this.longestPauseMs);
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
