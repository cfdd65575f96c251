import type { Evaluator } from '../../../expression/evaluator.js';
import { storeKey } from '../../../state/store-key.js';
import type { KeyValueStore, Timestamped } from '../../../state/store.js';
import type { Row } from '../../../types/sql-value.js';
import { rowAt } from '../../../types/vector.js';
import { BatchBuilder } from '../../batch-builder.js';
import { byKeyBytes } from '../../by-key-bytes.js';
import type { Operator, Output } from '../../operator.js';
import type { RecordBatch } from '../../record-batch.js';
import type { RowJoiner } from '../joined-row.js';
import { Subscriptions } from './subscriptions.js';

export interface ForeignKeyJoinOptions {
  readonly type: 'INNER' | 'LEFT';
  readonly joiner: RowJoiner;
  /** Over a left row as the store holds it; the key of the right row that it refers to, null for none. */
  readonly foreignKey: Evaluator;
  readonly left: KeyValueStore;
  readonly right: KeyValueStore;
  /** Key columns of the left table. */
  readonly keyCount: number;
  readonly needsOldValues: boolean;
  /** The left key as the topic bears it: the order in which the subscribers of one right row are served. */
  readonly keyBytes: (key: Row) => Uint8Array;
  readonly output: Output;
}

/**
 * Foreign-key join of two tables; the result is keyed by the left key.
 *
 * A left row subscribes at the right key that it refers to. A change of the left row is answered at once by the right row as it is;
 * a change of the right row is sent to every subscriber. A change of a left row that existed is always answered, with a deletion
 * when there is nothing to join, since an earlier result may have to go; a new left row without a partner is silent in an inner join.
 */
export class ForeignKeyJoin implements Operator {
  private subscriptions: Subscriptions | undefined;

  constructor(private readonly options: ForeignKeyJoinOptions) {}

  process(batch: RecordBatch, input: number): void {
    const { joiner, keyCount, needsOldValues, output } = this.options;
    const subscriptions = (this.subscriptions ??= this.subscribeAll());
    const out = new BatchBuilder(keyCount, joiner.width, needsOldValues, batch.count);
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (!batch.hasKey(at)) continue;
      if (input === 0) this.changeLeft(batch, at, subscriptions, out);
      else this.changeRight(batch, at, subscriptions, out);
    }
    out.emit(output);
  }

  /** The joined row of a left row, null when the join has none. */
  joinLeft(key: Row, entry: Timestamped): { readonly value: Row | null; readonly timestamp: number } {
    const right = this.rightOf(this.foreignKeyOf(key, entry));
    return {
      value: this.join(entry.value, right?.value),
      timestamp: Math.max(entry.timestamp, right?.timestamp ?? -1),
    };
  }

  private changeLeft(batch: RecordBatch, at: number, subscriptions: Subscriptions, out: BatchBuilder): void {
    const { type, left, needsOldValues } = this.options;
    const timestamp = batch.timestamps[at] as number;
    const key = rowAt(batch.keys, at);
    const value = batch.valueAt(at);
    const keyText = storeKey(key);
    const held = left.get(keyText);
    const before = held?.value;
    const oldForeignKey = held === undefined ? undefined : this.foreignKeyOf(key, held);
    const oldRight = this.rightOf(oldForeignKey);
    if (oldForeignKey !== undefined) subscriptions.remove(oldForeignKey, keyText);
    let right: Timestamped | undefined;
    if (value === null) left.delete(keyText);
    else {
      const entry = { value, timestamp };
      left.put(keyText, key, value, timestamp);
      const foreignKey = this.foreignKeyOf(key, entry);
      if (foreignKey !== undefined) subscriptions.add(foreignKey, keyText, key);
      right = this.rightOf(foreignKey);
    }
    const joined = value === null ? null : this.join(value, right?.value);
    const hadAnswer = before !== undefined && (type === 'LEFT' || oldForeignKey !== undefined);
    if (joined === null && !hadAnswer) return;
    const oldJoined = needsOldValues && before !== undefined ? this.join(before, oldRight?.value) : null;
    put(batch, at, Math.max(timestamp, right?.timestamp ?? -1), key, joined, oldJoined, out);
  }

  private changeRight(batch: RecordBatch, at: number, subscriptions: Subscriptions, out: BatchBuilder): void {
    const { right, left, needsOldValues, keyBytes } = this.options;
    const timestamp = batch.timestamps[at] as number;
    const key = rowAt(batch.keys, at);
    const value = batch.valueAt(at);
    const keyText = storeKey(key);
    const before = right.get(keyText)?.value;
    if (value === null) right.delete(keyText);
    else right.put(keyText, key, value, timestamp);
    const subscribers = [...subscriptions.of(keyText)];
    if (subscribers.length > 1) subscribers.sort(byKeyBytes(([, keyRow]) => keyRow, keyBytes));
    for (const [leftKey, leftKeyRow] of subscribers) {
      const entry = left.get(leftKey);
      if (entry === undefined) continue;
      const joined = this.join(entry.value, value ?? undefined);
      const oldJoined = needsOldValues ? this.join(entry.value, before) : null;
      put(batch, at, Math.max(timestamp, entry.timestamp), leftKeyRow, joined, oldJoined, out);
    }
  }

  private join(left: Row, right: Row | undefined): Row | null {
    const { type, joiner } = this.options;
    if (right === undefined && type === 'INNER') return null;
    return joiner.join(left, right ?? null);
  }

  private rightOf(foreignKey: string | undefined): Timestamped | undefined {
    return foreignKey === undefined ? undefined : this.options.right.get(foreignKey);
  }

  private foreignKeyOf(key: Row, entry: Timestamped): string | undefined {
    const { value: row, timestamp } = entry;
    const record = { key, value: row, timestamp, windowStart: -1, windowEnd: -1, partition: -1, offset: -1 };
    const value = this.options.foreignKey(record);
    return value === null ? undefined : storeKey([value]);
  }

  private subscribeAll(): Subscriptions {
    const subscriptions = new Subscriptions();
    for (const [keyText, keyRow, entry] of this.options.left.entries()) {
      const foreignKey = this.foreignKeyOf(keyRow, entry);
      if (foreignKey !== undefined) subscriptions.add(foreignKey, keyText, keyRow);
    }
    return subscriptions;
  }
}

function put(
  batch: RecordBatch,
  at: number,
  timestamp: number,
  key: Row,
  value: Row | null,
  old: Row | null,
  out: BatchBuilder,
): void {
  const row = out.begin(batch, at, timestamp, -1, -1);
  out.putKey(row, key);
  if (value !== null) out.putValue(row, value);
  if (old !== null) out.putOld(row, old);
}
