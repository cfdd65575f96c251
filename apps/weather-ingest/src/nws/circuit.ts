import { NwsError } from './nws-error.js';

const failuresMax = 5;
const openFirstMs = 60_000;
const openMaxMs = 300_000;

/**
 * Stops asking what keeps failing: after five faults in a row the circuit opens for a minute, then one request probes; each further
 * fault doubles the wait, up to five minutes, and the first success closes it.
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

  succeeded(): void {
    this.failures = 0;
    this.openMs = 0;
  }

  failed(nowMs: number): void {
    this.failures += 1;
    if (this.failures < failuresMax) return;
    this.openMs = Math.min(openMaxMs, this.openMs === 0 ? openFirstMs : this.openMs * 2);
    this.openUntilMs = nowMs + this.openMs;
  }
}
