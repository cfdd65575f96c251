import { NwsError } from './nws-error.js';

const failuresMax = 5;
const openFirstMs = 60_000;
/** With sixteen endpoints for five cities, a probe of each this often stays within the day's budget however long it lasts. */
const openMaxMs = 900_000;

/**
 * Stops asking what keeps failing: after five faults in a row the circuit opens for a minute, then one request probes; each further
 * fault doubles the wait, up to a quarter of an hour, and the first success closes it.
 */
export class Circuit {
  private failures = 0;
  private openMs = 0;
  private openUntilMs = 0;

  constructor(private readonly endpoint: string) {}

  /** @throws NwsError `held-back` while it is open */
  assertClosed(nowMs: number): void {
    if (nowMs < this.openUntilMs)
      throw new NwsError(
        'held-back',
        `${this.endpoint} failed ${this.failures} times in a row; it is asked again in ${this.openUntilMs - nowMs} ms`,
      );
  }

  /** The next request is a probe: one attempt, no repetition. */
  get isProbing(): boolean {
    return this.failures >= failuresMax;
  }

  /** @returns whether this is a recovery, so that others may have recovered too */
  succeeded(): boolean {
    const isRecovery = this.isProbing;
    this.failures = 0;
    this.openMs = 0;
    return isRecovery;
  }

  /** Lets the next request through. */
  probeNow(): void {
    this.openUntilMs = 0;
  }

  failed(nowMs: number): void {
    this.failures += 1;
    if (this.failures < failuresMax) return;
    this.openMs = Math.min(openMaxMs, this.openMs === 0 ? openFirstMs : this.openMs * 2);
    this.openUntilMs = nowMs + this.openMs;
  }
}
