/**
 * How far a source has come: its highest event time less the lateness that it is allowed. A stamp from the future does not move it
 * further than the clock and the skew that is allowed to clocks, or one broken clock would make all others late.
 */
export class Watermark {
  #highestMs = 0;

  constructor(
    private readonly latenessMs: number,
    private readonly skewMs: number,
  ) {}

  /** @returns the watermark after a sample of that event time, read at `nowMs`; epoch milliseconds */
  observe(atMs: number, nowMs: number): number {
    this.#highestMs = Math.max(this.#highestMs, Math.min(atMs, nowMs + this.skewMs));
    return this.atMs;
  }

  /** Event time that everything is expected to be in for. */
  get atMs(): number {
    return Math.max(0, this.#highestMs - this.latenessMs);
  }
}
