const SEGMENT_MS_MIN = 60_000;

/**
 * When windowed state ends: time is cut into segments of half the retention, at least a minute, and a segment goes as a whole once
 * its successor-in-retention is reached. Each store has its own observed time, the greatest ever put, so that one side of a join
 * may remember what the other has forgotten. This is Kafka Streams' rule, and visible in results.
 */
export class Segments {
  private observed = -1;
  private readonly intervalMs: number;

  constructor(private readonly retentionMs: number) {
    this.intervalMs = Math.max(Math.floor(retentionMs / 2), SEGMENT_MS_MIN);
  }

  get observedMs(): number {
    return this.observed;
  }

  segmentOf(timeMs: number): number {
    return Math.floor(timeMs / this.intervalMs);
  }

  /** Moves the observed time; true when older segments may have died by it. */
  advance(timeMs: number): boolean {
    if (timeMs <= this.observed) return false;
    const before = this.minLiveSegment;
    this.observed = timeMs;
    return this.minLiveSegment > before;
  }

  get minLiveSegment(): number {
    return this.segmentOf(this.observed - this.retentionMs);
  }

  isLive(timeMs: number): boolean {
    return this.segmentOf(timeMs) >= this.minLiveSegment;
  }

  /** Stricter than `isLive`: what a query may still see. */
  isRetained(timeMs: number): boolean {
    return timeMs > this.observed - this.retentionMs;
  }

  /** What EMIT FINAL still finds: one moment more, so that a window without grace is there when the next one opens. */
  isFinalizable(timeMs: number): boolean {
    return timeMs >= this.observed - this.retentionMs;
  }
}
