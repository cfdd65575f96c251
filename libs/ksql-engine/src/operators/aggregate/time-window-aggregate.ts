import { storeKey } from '../../state/store-key.js';
import type { WindowedEntry, WindowStore } from '../../state/store.js';
import type { Row } from '../../types/sql-value.js';
import type { Operator } from '../operator.js';
import { makeRecord, type ProcessingRecord } from '../record.js';
import { byKeyBytes } from '../by-key-bytes.js';
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

  process(batch: readonly ProcessingRecord[]): void {
    const { streamTime, graceMs, emitFinal, output } = this.options;
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      if (record.key === null || record.value === null) continue;
      // After a restart the windows that an earlier stream time closed were emitted already.
      this.finalUpToStart ??= streamTime.ms < 0 ? -1 : streamTime.ms - graceMs - this.options.sizeMs;
      streamTime.advance(record.timestamp);
      this.addToWindows(record, out);
      if (emitFinal) this.emitClosed(record, out);
    }
    if (out.length > 0) output(out);
  }

  private addToWindows(record: ProcessingRecord, out: ProcessingRecord[]): void {
    const { sizeMs, advanceMs, graceMs, streamTime, log } = this.options;
    const closedBefore = streamTime.ms - graceMs;
    const keyText = storeKey(record.key ?? []);
    const first = Math.floor(Math.max(0, record.timestamp - sizeMs + advanceMs) / advanceMs) * advanceMs;
    let isLate = false;
    for (let start = first; start <= record.timestamp; start += advanceMs) {
      if (start + sizeMs <= closedBefore) isLate = true;
      else this.addTo(start, keyText, record, out);
    }
    if (isLate) log(TOO_LATE, record);
  }

  private addTo(windowStart: number, key: string, record: ProcessingRecord, out: ProcessingRecord[]): void {
    const { aggregation, store, sizeMs, emitFinal, needsOldValues, log } = this.options;
    const keyRow = record.key ?? [];
    const before = store.get(key, windowStart);
    let value: Row;
    try {
      value = aggregation.add(before === undefined ? aggregation.initial() : before.value, record);
    } catch (cause) {
      skipUnlessFatal(log, record, cause);
      return;
    }
    const timestamp = before !== undefined && before.timestamp > record.timestamp ? before.timestamp : record.timestamp;
    const windowEnd = windowStart + sizeMs;
    store.put({ key, keyRow, windowStart, windowEnd, value, timestamp });
    if (emitFinal) return;
    const oldValue = needsOldValues && before !== undefined ? aggregation.result(before.value) : null;
    const { headers, partition, offset } = record;
    out.push(
      makeRecord(
        keyRow,
        aggregation.result(value),
        oldValue,
        timestamp,
        windowStart,
        windowEnd,
        headers,
        partition,
        offset,
      ),
    );
  }

  private emitClosed(trigger: ProcessingRecord, out: ProcessingRecord[]): void {
    const { store, sizeMs, advanceMs, graceMs, streamTime, keyBytes } = this.options;
    const upToStart = streamTime.ms - graceMs - sizeMs;
    const from = this.finalUpToStart ?? -1;
    if (upToStart <= from) return;
    this.finalUpToStart = upToStart;
    if (Math.floor(upToStart / advanceMs) === Math.floor(from / advanceMs)) return;
    const closed = [...store.fetchAll(from + 1, upToStart)];
    const order = byKeyBytes<WindowedEntry>((entry) => entry.keyRow, keyBytes);
    closed.sort((a, b) => a.windowStart - b.windowStart || order(a, b));
    for (const entry of closed) out.push(finalRow(entry, this.options.aggregation.result(entry.value), trigger));
  }
}

/** The row of a closed window; the headers are those of the record that closed it. */
export function finalRow(
  entry: WindowedEntry,
  value: ProcessingRecord['value'],
  trigger: ProcessingRecord,
): ProcessingRecord {
  const { keyRow, timestamp, windowStart, windowEnd } = entry;
  const { headers, partition, offset } = trigger;
  return makeRecord(keyRow, value, null, timestamp, windowStart, windowEnd, headers, partition, offset);
}
