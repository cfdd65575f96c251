import { shownMs } from '../types/shown-ms.js';

/** How far ahead of the clock an event time may lie, ms; 0 and absence take any time. */
export const EVENT_AHEAD_MAX_PROPERTY = 'isobar.event.ahead.max.ms';

/**
 * The bound of event times as a query's settings have it: a record beyond it is set aside, and moves no stream time. One device with a
 * wrong clock would otherwise make the records of all others late.
 */
export class EventTimeBound {
  private readonly aheadMaxMs: number;

  constructor(
    property: (name: string) => string | undefined,
    private readonly nowMs: () => number,
  ) {
    const given = Number(property(EVENT_AHEAD_MAX_PROPERTY) ?? 0);
    this.aheadMaxMs = given > 0 ? given : Infinity;
  }

  /** The latest event time that is taken at this moment, ms. */
  latestMs(): number {
    return this.aheadMaxMs === Infinity ? Infinity : this.nowMs() + this.aheadMaxMs;
  }

  /** Why a time beyond the bound is not taken. */
  reason(timestampMs: number): string {
    const aheadSeconds = Math.round((timestampMs - this.nowMs()) / 1_000);
    return `Event time ${shownMs(timestampMs)} is ${aheadSeconds} s ahead of the clock; at most ${this.aheadMaxMs / 1_000} s are taken (${EVENT_AHEAD_MAX_PROPERTY})`;
  }
}
