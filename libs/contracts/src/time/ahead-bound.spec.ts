import { describe, expect, it } from '@jest/globals';
import { eventAheadMaxMsDefault, isTooFarAhead } from './ahead-bound.js';

describe('the upper bound of times from outside', () => {
  const nowMs = Date.UTC(2026, 7, 16, 12);

  it.each([
    [-86_400_000, false],
    [0, false],
    [eventAheadMaxMsDefault, false],
    [eventAheadMaxMsDefault + 1, true],
    [Number.MAX_SAFE_INTEGER, true],
    [Number.NaN, false],
  ])('%d ms ahead: too far %s', (aheadMs, tooFar) => {
    expect(isTooFarAhead(nowMs + aheadMs, nowMs, eventAheadMaxMsDefault)).toBe(tooFar);
  });
});
