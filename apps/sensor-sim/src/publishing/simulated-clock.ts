/**
 * The time of the simulation. In time-lapse it begins in the past and runs faster until it has caught up with the present, where it
 * goes on at its pace: a day in a minute, each event with its true time.
 */
export class SimulatedClock {
  private readonly beganMs: number;
  private readonly startMs: number;

  constructor(
    private readonly options: { readonly backMs: number; readonly speed: number; readonly now: () => number },
  ) {
    this.beganMs = options.now();
    this.startMs = this.beganMs - options.backMs;
  }

  nowMs(): number {
    const presentMs = this.options.now();
    if (this.options.backMs === 0) return presentMs;
    return Math.min(presentMs, this.startMs + (presentMs - this.beganMs) * this.options.speed);
  }

  /** Where the time-lapse begins; undefined without one. */
  get lapseStartMs(): number | undefined {
    return this.options.backMs > 0 ? this.startMs : undefined;
  }

  /** Whether it still runs faster. */
  get isLapsing(): boolean {
    return this.options.backMs > 0 && this.nowMs() < this.options.now();
  }

  /** How long a span of simulated time takes. */
  toRealMs(simulatedMs: number): number {
    return this.isLapsing ? simulatedMs / this.options.speed : simulatedMs;
  }
}
