import { storeKeyAt } from '../../state/store-key.js';
import type { KeyValueStore, Timestamped } from '../../state/store.js';
import type { Row } from '../../types/sql-value.js';
import { BatchBuilder } from '../batch-builder.js';
import type { Operator, Output } from '../operator.js';
import type { RecordBatch } from '../record-batch.js';
import type { RowJoiner } from './joined-row.js';

export type TableJoinType = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';

export interface TableTableJoinOptions {
  readonly type: TableJoinType;
  readonly joiner: RowJoiner;
  readonly left: KeyValueStore;
  readonly right: KeyValueStore;
  readonly needsOldValues: boolean;
  readonly output: Output;
}

/** The joined row of a key, or null when the join has none. */
export function joinTableRows(type: TableJoinType, joiner: RowJoiner, left: Row | null, right: Row | null): Row | null {
  if (left === null && right === null) return null;
  if (left === null && (type === 'INNER' || type === 'LEFT')) return null;
  if (right === null && (type === 'INNER' || type === 'RIGHT')) return null;
  return joiner.join(left, right);
}

/**
 * Primary-key join: a change on either side recomputes the row of its key, with the greater time of both sides.
 *
 * When no row follows, a deletion is emitted, unless the join could not have had a row before: the other side is missing and this
 * side's row did not stand alone either.
 */
export class TableTableJoin implements Operator {
  constructor(private readonly options: TableTableJoinOptions) {}

  process(batch: RecordBatch, input: number): void {
    const { joiner, needsOldValues, output } = this.options;
    const out = new BatchBuilder(batch.keys.length, joiner.width, needsOldValues, batch.count);
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (batch.hasKey(at)) this.change(batch, at, input === 0, out);
    }
    out.emit(output);
  }

  private change(batch: RecordBatch, at: number, isLeft: boolean, out: BatchBuilder): void {
    const { left, right, needsOldValues } = this.options;
    const windowStart = batch.windowStarts[at] as number;
    const windowEnd = batch.windowEnds[at] as number;
    const time = batch.timestamps[at] as number;
    const mine = isLeft ? left : right;
    const keyText = storeKeyAt(batch.keys, at, windowStart, windowEnd);
    const before = mine.get(keyText)?.value ?? null;
    const value = batch.valueAt(at);
    if (value === null) mine.delete(keyText);
    else mine.put(keyText, batch.identityAt(at), value, time);
    const other = (isLeft ? right : left).get(keyText);
    if (other === undefined && this.isSilent(isLeft, value, before)) return;
    const joined = this.join(isLeft, value, other);
    const oldJoined = needsOldValues ? this.join(isLeft, before, other) : null;
    const timestamp = other === undefined ? time : Math.max(time, other.timestamp);
    const row = out.begin(batch, at, timestamp, windowStart, windowEnd);
    out.copyKey(row, batch.keys, at);
    if (joined !== null) out.putValue(row, joined);
    if (oldJoined !== null) out.putOld(row, oldJoined);
  }

  private join(isLeft: boolean, mine: Row | null, other: Timestamped | undefined): Row | null {
    const { type, joiner } = this.options;
    const others = other?.value ?? null;
    return isLeft ? joinTableRows(type, joiner, mine, others) : joinTableRows(type, joiner, others, mine);
  }

  /** Without the other side, a side that is not preserved says nothing, and a preserved one nothing about what never was. */
  private isSilent(isLeft: boolean, value: Row | null, before: Row | null): boolean {
    const { type } = this.options;
    const isPreserved = type === 'FULL' || type === (isLeft ? 'LEFT' : 'RIGHT');
    return !isPreserved || (value === null && before === null);
  }
}
