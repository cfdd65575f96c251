/**
 * Times that come from outside have an upper bound: a clock that runs ahead would move the time of everybody who shares a stream with
 * it. The past has none; late records are the windows' business.
 */

/** How far ahead of our clock a time from outside may be, unless `EVENT_AHEAD_MAX_MS` says otherwise. */
export const eventAheadMaxMsDefault = 5 * 60_000;

/** Whether a time lies further ahead of `nowMs` than is allowed; a time that is no number never does. */
export const isTooFarAhead = (timeMs: number, nowMs: number, aheadMaxMs: number): boolean =>
  timeMs - nowMs > aheadMaxMs;
