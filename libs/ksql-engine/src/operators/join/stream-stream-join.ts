import { storeKey } from '../../state/store-key.js';
import type { BufferedRecord, JoinBuffer, PendingOuterRows, PendingRows } from '../../state/store.js';
import type { Row } from '../../types/sql-value.js';
import { rowAt } from '../../types/vector.js';
import { BatchBuilder } from '../batch-builder.js';
import { byKeyBytes } from '../by-key-bytes.js';
import type { Operator, Output } from '../operator.js';
import type { RecordBatch } from '../record-batch.js';
import type { SkipLog } from '../skip-log.js';
import type { StreamTime } from '../stream-time.js';

export interface StreamStreamJoinOptions {
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
  /** A right record joins when `left − before ≤ right ≤ left + after`. */
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;
  /** Columns of each side. */
  readonly leftCount: number;
  readonly rightCount: number;
  readonly left: JoinBuffer;
  readonly right: JoinBuffer;
  /** Rows without a partner until their window closes. Undefined: such rows are emitted at once, and again when a partner comes. */
  readonly pending: PendingOuterRows | undefined;
  readonly keyCount: number;
  /** Shared by both sides. */
  readonly streamTime: StreamTime;
  readonly keyBytes: (key: Row) => Uint8Array;
  readonly log: SkipLog;
  readonly output: Output;
}

/**
 * Windowed join of two streams, as Kafka Streams does it.
 *
 * Each record is put into its side's buffer, which drops it only when its segment has expired there; then it is joined with every
 * record of its key in the other buffer whose time lies within the window, oldest first, with the greater time of both.
 *
 * On a preserved side a record without a partner waits in `pending`. When stream time moves past its time + window + grace,
 * its null-padded row is emitted with its own time: oldest first, left before right, then by key. A partner that comes earlier
 * cancels it. A record whose window lies behind stream time already does not wait.
 */
export class StreamStreamJoin implements Operator {
  constructor(private readonly options: StreamStreamJoinOptions) {}

  process(batch: RecordBatch, input: number): void {
    const { leftCount, rightCount, output } = this.options;
    const out = new BatchBuilder(batch.keys.length, leftCount + rightCount, false, batch.count);
    for (let n = 0; n < batch.count; n++) this.join(batch, batch.rows[n] as number, input === 0, out);
    out.emit(output);
  }

  private join(batch: RecordBatch, at: number, isLeft: boolean, out: BatchBuilder): void {
    const { type, beforeMs, afterMs, left, right, pending, streamTime, log } = this.options;
    const timestamp = batch.timestamps[at] as number;
    const isPreserved = type === 'FULL' || type === (isLeft ? 'LEFT' : 'RIGHT');
    if (!batch.hasValue(at)) {
      log('Skipping record due to null join value', batch, at);
      return;
    }
    if (!batch.hasKey(at)) {
      if (isPreserved) this.put(batch, at, isLeft, null, timestamp, out);
      else log('Skipping record due to null join key', batch, at);
      return;
    }
    const keyRow = batch.identityAt(at);
    const keyText = storeKey(keyRow);
    const value = rowAt(batch.values, at);
    (isLeft ? left : right).put(keyText, keyRow, value, timestamp);
    streamTime.advance(timestamp);
    if (timestamp === streamTime.ms) this.putExpired(batch, at, out);
    const from = Math.max(0, timestamp - (isLeft ? beforeMs : afterMs));
    const to = timestamp + (isLeft ? afterMs : beforeMs);
    const partners = (isLeft ? right : left).fetch(keyText, from, to);
    for (let i = 0; i < partners.length; i++) {
      const partner = partners[i] as BufferedRecord;
      pending?.delete(keyText, partner.timestamp, !isLeft);
      this.put(batch, at, isLeft, partner.value, Math.max(timestamp, partner.timestamp), out);
    }
    if (partners.length > 0 || !isPreserved) return;
    if (pending === undefined || to < streamTime.ms) this.put(batch, at, isLeft, null, timestamp, out);
    else pending.add(keyText, keyRow, value, timestamp, isLeft);
  }

  /** A record with its partner, or with nulls in its place. */
  private put(
    batch: RecordBatch,
    at: number,
    isLeft: boolean,
    partner: Row | null,
    timestamp: number,
    out: BatchBuilder,
  ): void {
    const { leftCount } = this.options;
    const row = out.begin(batch, at, timestamp, batch.windowStarts[at] as number, batch.windowEnds[at] as number);
    if (batch.hasKey(at)) out.copyKey(row, batch.keys, at);
    out.copyValue(row, batch.values, at, isLeft ? 0 : leftCount);
    if (partner !== null) out.putValue(row, partner, isLeft ? leftCount : 0);
  }

  private putExpired(batch: RecordBatch, at: number, out: BatchBuilder): void {
    const { pending, streamTime, beforeMs, afterMs, graceMs, keyBytes, keyCount, leftCount } = this.options;
    if (pending === undefined || pending.size === 0) return;
    const closedBefore = streamTime.ms - graceMs;
    const expired = [...pending.before(closedBefore - afterMs, closedBefore - beforeMs)];
    if (expired.length === 0) return;
    const order = byKeyBytes<PendingRows>(({ keyRow }) => keyRow.slice(0, keyCount), keyBytes);
    expired.sort((a, b) => a.timestamp - b.timestamp || Number(b.isLeft) - Number(a.isLeft) || order(a, b));
    for (const { key, keyRow, timestamp, isLeft, values } of expired) {
      pending.delete(key, timestamp, isLeft);
      const windowStart = (keyRow[keyCount] ?? -1) as number;
      const windowEnd = (keyRow[keyCount + 1] ?? -1) as number;
      for (const value of values) {
        const row = out.begin(batch, at, timestamp, windowStart, windowEnd);
        out.putKey(row, keyRow.slice(0, keyCount));
        out.putValue(row, value, isLeft ? 0 : leftCount);
      }
    }
  }
}
