import { storeKey } from '../../state/store-key.js';
import type { KeyValueStore, Timestamped } from '../../state/store.js';
import type { Row } from '../../types/sql-value.js';
import type { Operator, Output } from '../operator.js';
import { identityOf } from '../record-key.js';
import { makeRecord, type ProcessingRecord } from '../record.js';
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

  process(batch: readonly ProcessingRecord[], input: number): void {
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) this.change(batch[i] as ProcessingRecord, input === 0, out);
    if (out.length > 0) this.options.output(out);
  }

  private change(record: ProcessingRecord, isLeft: boolean, out: ProcessingRecord[]): void {
    const { left, right, needsOldValues } = this.options;
    const { key, value, windowStart, windowEnd, headers, partition, offset } = record;
    if (key === null) return;
    const mine = isLeft ? left : right;
    const keyRow = identityOf(record, key);
    const keyText = storeKey(keyRow);
    const before = mine.get(keyText)?.value ?? null;
    if (value === null) mine.delete(keyText);
    else mine.put(keyText, keyRow, { value, timestamp: record.timestamp });
    const other = (isLeft ? right : left).get(keyText);
    if (other === undefined && this.isSilent(isLeft, value, before)) return;
    const joined = this.join(isLeft, value, other);
    const oldJoined = needsOldValues ? this.join(isLeft, before, other) : null;
    const timestamp = other === undefined ? record.timestamp : Math.max(record.timestamp, other.timestamp);
    out.push(makeRecord(key, joined, oldJoined, timestamp, windowStart, windowEnd, headers, partition, offset));
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
