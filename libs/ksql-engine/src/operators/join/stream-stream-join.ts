import { storeKey } from '../../state/store-key.js';
import type { JoinBuffer, PendingOuterRows, PendingRows } from '../../state/store.js';
import type { Row } from '../../types/sql-value.js';
import { byKeyBytes } from '../by-key-bytes.js';
import type { Operator, Output } from '../operator.js';
import { identityOf } from '../record-key.js';
import { makeRecord, type ProcessingRecord } from '../record.js';
import type { SkipLog } from '../skip-log.js';
import type { StreamTime } from '../stream-time.js';
import type { RowJoiner } from './joined-row.js';

export interface StreamStreamJoinOptions {
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
  /** A right record joins when `left − before ≤ right ≤ left + after`. */
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;
  readonly joiner: RowJoiner;
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

  process(batch: readonly ProcessingRecord[], input: number): void {
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) this.join(batch[i] as ProcessingRecord, input === 0, out);
    if (out.length > 0) this.options.output(out);
  }

  private join(record: ProcessingRecord, isLeft: boolean, out: ProcessingRecord[]): void {
    const { type, beforeMs, afterMs, left, right, streamTime, log } = this.options;
    const { key, value, timestamp } = record;
    const isPreserved = type === 'FULL' || type === (isLeft ? 'LEFT' : 'RIGHT');
    if (value === null) {
      log('Skipping record due to null join value', record);
      return;
    }
    if (key === null) {
      if (isPreserved) this.emit(record, isLeft, null, timestamp, out);
      else log('Skipping record due to null join key', record);
      return;
    }
    const keyRow = identityOf(record, key);
    const keyText = storeKey(keyRow);
    (isLeft ? left : right).put(keyText, keyRow, value, timestamp);
    streamTime.advance(timestamp);
    if (timestamp === streamTime.ms) this.emitExpired(record, out);
    const from = Math.max(0, timestamp - (isLeft ? beforeMs : afterMs));
    const to = timestamp + (isLeft ? afterMs : beforeMs);
    const partners = (isLeft ? right : left).fetch(keyText, from, to);
    for (let i = 0; i < partners.length; i++) {
      const partner = partners[i] as (typeof partners)[number];
      this.options.pending?.delete(keyText, partner.timestamp, !isLeft);
      this.emit(record, isLeft, partner.value, Math.max(timestamp, partner.timestamp), out);
    }
    if (partners.length === 0 && isPreserved) this.withoutPartner(record, isLeft, keyText, keyRow, to, out);
  }

  private withoutPartner(
    record: ProcessingRecord,
    isLeft: boolean,
    keyText: string,
    keyRow: Row,
    windowEnd: number,
    out: ProcessingRecord[],
  ): void {
    const { pending, streamTime } = this.options;
    if (record.value === null) return;
    if (pending === undefined || windowEnd < streamTime.ms) this.emit(record, isLeft, null, record.timestamp, out);
    else pending.add(keyText, keyRow, record.value, record.timestamp, isLeft);
  }

  private emit(
    record: ProcessingRecord,
    isLeft: boolean,
    partner: Row | null,
    timestamp: number,
    out: ProcessingRecord[],
  ): void {
    const { joiner } = this.options;
    const { key, value, windowStart, windowEnd, headers, partition, offset } = record;
    const joined = isLeft ? joiner.join(value, partner) : joiner.join(partner, value);
    out.push(makeRecord(key, joined, null, timestamp, windowStart, windowEnd, headers, partition, offset));
  }

  private emitExpired(trigger: ProcessingRecord, out: ProcessingRecord[]): void {
    const { pending, streamTime, beforeMs, afterMs, graceMs, keyBytes, keyCount, joiner } = this.options;
    if (pending === undefined || pending.size === 0) return;
    const closedBefore = streamTime.ms - graceMs;
    const expired = [...pending.before(closedBefore - afterMs, closedBefore - beforeMs)];
    if (expired.length === 0) return;
    const order = byKeyBytes<PendingRows>(({ keyRow }) => keyRow.slice(0, keyCount), keyBytes);
    expired.sort((a, b) => a.timestamp - b.timestamp || Number(b.isLeft) - Number(a.isLeft) || order(a, b));
    const { headers, partition, offset } = trigger;
    for (const { key, keyRow, timestamp, isLeft, values } of expired) {
      pending.delete(key, timestamp, isLeft);
      const windowStart = (keyRow[keyCount] ?? -1) as number;
      const windowEnd = (keyRow[keyCount + 1] ?? -1) as number;
      for (const value of values) {
        const row = isLeft ? joiner.join(value, null) : joiner.join(null, value);
        const keyColumns = keyRow.slice(0, keyCount);
        out.push(makeRecord(keyColumns, row, null, timestamp, windowStart, windowEnd, headers, partition, offset));
      }
    }
  }
}
