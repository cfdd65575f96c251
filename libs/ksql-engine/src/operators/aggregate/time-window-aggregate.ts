import { storeKeyAt } from '../../state/store-key.js';
import type { WindowedEntry, WindowStore } from '../../state/store.js';
import type { Row } from '../../types/sql-value.js';
import { rowAt } from '../../types/vector.js';
import { BatchBuilder } from '../batch-builder.js';
import { byKeyBytes } from '../by-key-bytes.js';
import type { Operator } from '../operator.js';
import { HAS_OLD, HAS_VALUE, type RecordBatch } from '../record-batch.js';
import type { Aggregation, AggregationInputs } from './aggregation.js';
import { skipUnlessFatal } from './skip-unless-fatal.js';
import { TOO_LATE, type WindowedAggregateOptions } from './window-options.js';

export interface TimeWindowAggregateOptions extends WindowedAggregateOptions {
  readonly sizeMs: number;
  /** Equal to the size for tumbling windows. */
  readonly advanceMs: number;
  readonly store: WindowStore;
}

/**
 * Tumbling and hopping windows `[start, start + size)`, starts at the multiples of the advance.
 *
 * A record enters every window that holds its time and is still open: `end + grace > stream time`, where stream time includes
 * the record itself. With EMIT FINAL the windows that a record's time closes are emitted after the record is counted, as far as the
 * store still holds them: a record far ahead pushes windows out of it unseen, unless RETENTION keeps them.
 */
export class TimeWindowAggregate implements Operator {
  private finalUpToStart: number | undefined;

  constructor(private readonly options: TimeWindowAggregateOptions) {}

  process(batch: RecordBatch): void {
    const { aggregation, streamTime, graceMs, emitFinal, needsOldValues, output } = this.options;
    const inputs = aggregation.inputsOf(batch);
    const expected = emitFinal ? 0 : batch.count;
    const out = new BatchBuilder(batch.keys.length, aggregation.width, needsOldValues, expected);
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (!batch.hasKey(at) || !batch.hasValue(at)) continue;
      // After a restart the windows that an earlier stream time closed were emitted already.
      this.finalUpToStart ??= streamTime.ms < 0 ? -1 : streamTime.ms - graceMs - this.options.sizeMs;
      streamTime.advance(batch.timestamps[at] as number);
      this.addToWindows(batch, inputs, at, out);
      if (emitFinal) this.emitClosed(batch, at, out);
    }
    out.emit(output);
  }

  private addToWindows(batch: RecordBatch, inputs: AggregationInputs, at: number, out: BatchBuilder): void {
    const { sizeMs, advanceMs, graceMs, streamTime, log } = this.options;
    const timestamp = batch.timestamps[at] as number;
    const closedBefore = streamTime.ms - graceMs;
    const keyText = storeKeyAt(batch.keys, at, -1, -1);
    const first = Math.floor(Math.max(0, timestamp - sizeMs + advanceMs) / advanceMs) * advanceMs;
    let isLate = false;
    for (let start = first; start <= timestamp; start += advanceMs) {
      if (start + sizeMs <= closedBefore) isLate = true;
      else this.addTo(start, keyText, batch, inputs, at, out);
    }
    if (isLate) log(TOO_LATE, batch, at);
  }

  private addTo(
    windowStart: number,
    key: string,
    batch: RecordBatch,
    inputs: AggregationInputs,
    at: number,
    out: BatchBuilder,
  ): void {
    const { aggregation, store, sizeMs, emitFinal, log } = this.options;
    const before = store.get(key, windowStart);
    let value: Row;
    try {
      value = aggregation.add(before === undefined ? aggregation.initial() : before.value, inputs, at);
    } catch (cause) {
      skipUnlessFatal(log, batch, at, cause);
      return;
    }
    let timestamp = batch.timestamps[at] as number;
    if (before !== undefined && before.timestamp > timestamp) ({ timestamp } = before);
    const windowEnd = windowStart + sizeMs;
    const old = before?.value;
    if (before !== undefined) store.update(before, value, timestamp);
    else store.put({ key, keyRow: rowAt(batch.keys, at), windowStart, windowEnd, value, timestamp });
    if (emitFinal) return;
    const row = out.begin(batch, at, timestamp, windowStart, windowEnd);
    out.copyKey(row, batch.keys, at);
    aggregation.putResult(value, out.values, row);
    out.mark(row, HAS_VALUE);
    if (out.olds === undefined || old === undefined) return;
    aggregation.putResult(old, out.olds, row);
    out.mark(row, HAS_OLD);
  }

  private emitClosed(batch: RecordBatch, at: number, out: BatchBuilder): void {
    const { aggregation, store, sizeMs, advanceMs, graceMs, streamTime, keyBytes } = this.options;
    const upToStart = streamTime.ms - graceMs - sizeMs;
    const from = this.finalUpToStart ?? -1;
    if (upToStart <= from) return;
    this.finalUpToStart = upToStart;
    if (Math.floor(upToStart / advanceMs) === Math.floor(from / advanceMs)) return;
    const closed = [...store.fetchAll(from + 1, upToStart)];
    const order = byKeyBytes<WindowedEntry>((entry) => entry.keyRow, keyBytes);
    closed.sort((a, b) => a.windowStart - b.windowStart || order(a, b));
    for (const entry of closed) putFinal(entry, aggregation, batch, at, out);
  }
}

/** The row of a closed window; the headers are those of the record that closed it. */
export function putFinal(
  { keyRow, value, timestamp, windowStart, windowEnd }: WindowedEntry,
  aggregation: Aggregation,
  batch: RecordBatch,
  at: number,
  out: BatchBuilder,
): void {
  const row = out.begin(batch, at, timestamp, windowStart, windowEnd);
  out.putKey(row, keyRow);
  aggregation.putResult(value, out.values, row);
  out.mark(row, HAS_VALUE);
}
