/** An odd answer more or less does not move the median of so many. */
const samplesMax = 9;
/** The service's time has whole seconds, and an answer takes some. */
const worthSayingMs = 60_000;

/**
 * How far our clock is from the weather service's, by the `Date` of its answers. It is shown, and never used: what is too far ahead
 * by our clock is refused even where the clock may be wrong.
 */
export class ClockOffset {
  private readonly samplesMs: number[] = [];

  /** An answer out of a cache on the way has `Age`: its date is that old. */
  note(headers: Headers, nowMs: number): void {
    const dateMs = Date.parse(headers.get('date') ?? '');
    const ageSeconds = Number(headers.get('age') ?? 0);
    if (!Number.isFinite(dateMs) || !Number.isFinite(ageSeconds)) return;
    this.samplesMs.push(nowMs - dateMs - ageSeconds * 1_000);
    if (this.samplesMs.length > samplesMax) this.samplesMs.shift();
  }

  /** Positive: our clock is ahead. Undefined while nobody said what time it is. */
  get offsetMs(): number | undefined {
    return [...this.samplesMs].sort((a, b) => a - b)[Math.floor(this.samplesMs.length / 2)];
  }

  /** What a person should know; undefined while the clocks agree or too little was seen to say. */
  get trouble(): string | undefined {
    const { offsetMs } = this;
    if (offsetMs === undefined || this.samplesMs.length < 3 || Math.abs(offsetMs) < worthSayingMs) return undefined;
    const seconds = Math.round(Math.abs(offsetMs) / 1_000);
    return `the clock of this machine is ${seconds} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the weather service's; set it right`;
  }
}
