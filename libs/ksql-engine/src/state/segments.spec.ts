import { describe, expect, it } from '@jest/globals';
import { Segments } from './segments.js';

const MINUTE_MS = 60_000;

describe('the segments of windowed state', () => {
  it('are half the retention long, at least a minute', () => {
    expect([0, 299_999, 300_000, 899_999].map((ms) => new Segments(10 * MINUTE_MS).segmentOf(ms))).toEqual([
      0, 0, 1, 2,
    ]);
    expect([0, 59_999, 60_000].map((ms) => new Segments(1000).segmentOf(ms))).toEqual([0, 0, 1]);
  });

  it('have seen no time at first, not even 0', () => {
    const segments = new Segments(MINUTE_MS);
    expect(segments.observedMs).toBe(-1);
    segments.advance(0);
    expect(segments.observedMs).toBe(0);
  });

  it('never go back in time', () => {
    const segments = new Segments(MINUTE_MS);
    segments.advance(5000);
    expect(segments.advance(4999)).toBe(false);
    expect(segments.observedMs).toBe(5000);
  });

  it('die as a whole, when the last moment of one is older than the retention, and say so once', () => {
    const segments = new Segments(2 * MINUTE_MS);
    segments.advance(0);
    expect([2 * MINUTE_MS - 1, 2 * MINUTE_MS, 3 * MINUTE_MS - 1].map((ms) => segments.advance(ms))).toEqual([
      true,
      true,
      false,
    ]);
    expect([segments.minLiveSegment, segments.isLive(0)]).toEqual([0, true]);
    expect(segments.advance(3 * MINUTE_MS)).toBe(true);
    expect([segments.isLive(MINUTE_MS - 1), segments.isLive(MINUTE_MS)]).toEqual([false, true]);
    expect([segments.advance(3 * MINUTE_MS), segments.advance(3 * MINUTE_MS + 1)]).toEqual([false, false]);
  });

  it('show a query what is younger than the retention, and EMIT FINAL one moment more', () => {
    const segments = new Segments(2 * MINUTE_MS);
    segments.advance(3 * MINUTE_MS);
    const edge = MINUTE_MS;
    expect([edge, edge + 1].map((ms) => segments.isRetained(ms))).toEqual([false, true]);
    expect([edge - 1, edge, edge + 1].map((ms) => segments.isFinalizable(ms))).toEqual([false, true, true]);
  });
});
