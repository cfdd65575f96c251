import { storeKeyAt } from '../../state/store-key.js';
import type { SessionStore, WindowedEntry } from '../../state/store.js';
import type { Row } from '../../types/sql-value.js';
import { rowAt } from '../../types/vector.js';
import { BatchBuilder } from '../batch-builder.js';
import { byKeyBytes } from '../by-key-bytes.js';
import type { Operator } from '../operator.js';
import { HAS_OLD, HAS_VALUE, type RecordBatch } from '../record-batch.js';
import type { AggregationInputs } from './aggregation.js';
import { SessionEnds } from './session-ends.js';
import { skipUnlessFatal } from './skip-unless-fatal.js';
import { putFinal } from './time-window-aggregate.js';
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

  process(batch: RecordBatch): void {
    const { aggregation, streamTime, emitFinal, needsOldValues, output } = this.options;
    const inputs = aggregation.inputsOf(batch);
    const out = new BatchBuilder(batch.keys.length, aggregation.width, needsOldValues, emitFinal ? 0 : batch.count);
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (!batch.hasKey(at) || !batch.hasValue(at)) continue;
      const ends = (this.ends ??= this.openSessions());
      streamTime.advance(batch.timestamps[at] as number);
      if (emitFinal) this.emitClosed(ends, batch, at, out);
      this.addToSession(batch, inputs, at, ends, out);
    }
    out.emit(output);
  }

  private get closedBefore(): number {
    const { streamTime, graceMs, gapMs } = this.options;
    return streamTime.ms - graceMs - gapMs;
  }

  private addToSession(
    batch: RecordBatch,
    inputs: AggregationInputs,
    at: number,
    ends: SessionEnds,
    out: BatchBuilder,
  ): void {
    const { aggregation, store, gapMs, emitFinal, log } = this.options;
    const timestamp = batch.timestamps[at] as number;
    const key = storeKeyAt(batch.keys, at, -1, -1);
    const taken = store.find(key, timestamp - gapMs, timestamp + gapMs);
    let windowStart = timestamp;
    let windowEnd = timestamp;
    for (const session of taken) {
      windowStart = Math.min(windowStart, session.windowStart);
      windowEnd = Math.max(windowEnd, session.windowEnd);
    }
    if (windowEnd < this.closedBefore) {
      log(TOO_LATE, batch, at);
      return;
    }
    let value: Row;
    try {
      let state = aggregation.initial();
      for (const session of taken) state = aggregation.merge(state, session.value);
      value = aggregation.add(state, inputs, at);
    } catch (cause) {
      skipUnlessFatal(log, batch, at, cause);
      return;
    }
    const overwritten = windowStart === windowEnd ? taken[0] : undefined;
    if (windowStart !== windowEnd) this.removeTaken(taken, batch, at, out);
    const keyRow = taken[0]?.keyRow ?? rowAt(batch.keys, at);
    store.put({ key, keyRow, windowStart, windowEnd, value, timestamp: windowEnd });
    if (emitFinal) {
      ends.add({ key, keyRow, windowStart, windowEnd });
      return;
    }
    const row = out.begin(batch, at, windowEnd, windowStart, windowEnd);
    out.dropHeaders(row);
    out.putKey(row, keyRow);
    aggregation.putResult(value, out.values, row);
    out.mark(row, HAS_VALUE);
    if (overwritten !== undefined) this.putOld(overwritten, row, out);
  }

  private removeTaken(taken: readonly WindowedEntry[], batch: RecordBatch, at: number, out: BatchBuilder): void {
    const { store, emitFinal } = this.options;
    for (const session of taken) {
      const { key, keyRow, windowStart, windowEnd } = session;
      store.delete(key, windowStart, windowEnd);
      if (emitFinal) continue;
      const row = out.begin(batch, at, windowEnd, windowStart, windowEnd);
      out.dropHeaders(row);
      out.putKey(row, keyRow);
      this.putOld(session, row, out);
    }
  }

  private putOld({ value }: WindowedEntry, row: number, out: BatchBuilder): void {
    if (out.olds === undefined) return;
    this.options.aggregation.putResult(value, out.olds, row);
    out.mark(row, HAS_OLD);
  }

  private emitClosed(ends: SessionEnds, batch: RecordBatch, at: number, out: BatchBuilder): void {
    const { store, aggregation, keyBytes } = this.options;
    const closed = new Set<WindowedEntry>();
    for (let end = ends.takeBefore(this.closedBefore); end; end = ends.takeBefore(this.closedBefore)) {
      const entry = store.get(end.key, end.windowStart, end.windowEnd);
      if (entry !== undefined) closed.add(entry);
    }
    if (closed.size === 0) return;
    const order = byKeyBytes<WindowedEntry>((entry) => entry.keyRow, keyBytes);
    const inOrder = [...closed].sort((a, b) => a.windowEnd - b.windowEnd || order(a, b));
    for (const entry of inOrder) putFinal(entry, aggregation, batch, at, out);
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
