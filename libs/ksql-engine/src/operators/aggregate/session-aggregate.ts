import { storeKey } from '../../state/store-key.js';
import type { SessionStore, WindowedEntry } from '../../state/store.js';
import type { Row } from '../../types/sql-value.js';
import type { Operator } from '../operator.js';
import { byKeyBytes } from '../by-key-bytes.js';
import { makeRecord, type ProcessingRecord } from '../record.js';
import { SessionEnds } from './session-ends.js';
import { finalRow } from './time-window-aggregate.js';
import { skipUnlessFatal } from './skip-unless-fatal.js';
import { TOO_LATE, type WindowedAggregateOptions } from './window-options.js';

export interface SessionAggregateOptions extends WindowedAggregateOptions {
  readonly gapMs: number;
  readonly store: SessionStore;
}

/**
 * Sessions `[first event, last event]`, joined while the pause between them is at most the gap.
 *
 * A record takes all sessions of its key within the gap, joins their states, adds itself. Each session that was taken is deleted
 * downstream before the joined one is emitted, except when the record only repeats a session of a single moment, which is
 * overwritten. A record is late when the session it would make ended before stream time − grace − gap.
 */
export class SessionAggregate implements Operator {
  private ends: SessionEnds | undefined;

  constructor(private readonly options: SessionAggregateOptions) {}

  process(batch: readonly ProcessingRecord[]): void {
    const { streamTime, emitFinal, output } = this.options;
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      if (record.key === null || record.value === null) continue;
      const ends = (this.ends ??= this.openSessions());
      streamTime.advance(record.timestamp);
      if (emitFinal) this.emitClosed(ends, record, out);
      this.addToSession(record, ends, out);
    }
    if (out.length > 0) output(out);
  }

  private get closedBefore(): number {
    const { streamTime, graceMs, gapMs } = this.options;
    return streamTime.ms - graceMs - gapMs;
  }

  private addToSession(record: ProcessingRecord, ends: SessionEnds, out: ProcessingRecord[]): void {
    const { aggregation, store, gapMs, emitFinal, needsOldValues, log } = this.options;
    const { key: keyRow, timestamp, headers, partition, offset } = record;
    if (keyRow === null) return;
    const key = storeKey(keyRow);
    const taken = store.find(key, timestamp - gapMs, timestamp + gapMs);
    let windowStart = timestamp;
    let windowEnd = timestamp;
    for (const session of taken) {
      windowStart = Math.min(windowStart, session.windowStart);
      windowEnd = Math.max(windowEnd, session.windowEnd);
    }
    if (windowEnd < this.closedBefore) {
      log(TOO_LATE, record);
      return;
    }
    let value: Row;
    try {
      const state = taken.reduce((merged, session) => aggregation.merge(merged, session.value), aggregation.initial());
      value = aggregation.add(state, record);
    } catch (cause) {
      skipUnlessFatal(log, record, cause);
      return;
    }
    let oldValue = null;
    if (windowStart !== windowEnd) this.removeTaken(taken, record, out);
    else if (needsOldValues && taken[0] !== undefined) oldValue = aggregation.result(taken[0].value);
    store.put({ key, keyRow, windowStart, windowEnd, value, timestamp: windowEnd });
    if (emitFinal) {
      ends.add({ key, keyRow, windowStart, windowEnd });
      return;
    }
    const result = aggregation.result(value);
    out.push(makeRecord(keyRow, result, oldValue, windowEnd, windowStart, windowEnd, headers, partition, offset));
  }

  private removeTaken(taken: readonly WindowedEntry[], record: ProcessingRecord, out: ProcessingRecord[]): void {
    const { aggregation, store, emitFinal, needsOldValues } = this.options;
    const { headers, partition, offset } = record;
    for (const { key, keyRow, windowStart, windowEnd, value } of taken) {
      store.delete(key, windowStart, windowEnd);
      if (emitFinal) continue;
      const old = needsOldValues ? aggregation.result(value) : null;
      out.push(makeRecord(keyRow, null, old, windowEnd, windowStart, windowEnd, headers, partition, offset));
    }
  }

  private emitClosed(ends: SessionEnds, trigger: ProcessingRecord, out: ProcessingRecord[]): void {
    const { store, aggregation, keyBytes } = this.options;
    const closed = new Set<WindowedEntry>();
    for (let end = ends.takeBefore(this.closedBefore); end; end = ends.takeBefore(this.closedBefore)) {
      const entry = store.get(end.key, end.windowStart, end.windowEnd);
      if (entry !== undefined) closed.add(entry);
    }
    if (closed.size === 0) return;
    const order = byKeyBytes<WindowedEntry>((entry) => entry.keyRow, keyBytes);
    const inOrder = [...closed].sort((a, b) => a.windowEnd - b.windowEnd || order(a, b));
    for (const entry of inOrder) out.push(finalRow(entry, aggregation.result(entry.value), trigger));
  }

  /** After a restart: the sessions that stream time has not closed are still to be emitted. */
  private openSessions(): SessionEnds {
    const ends = new SessionEnds();
    if (this.options.emitFinal) {
      for (const session of this.options.store.all()) if (session.windowEnd >= this.closedBefore) ends.add(session);
    }
    return ends;
  }
}
