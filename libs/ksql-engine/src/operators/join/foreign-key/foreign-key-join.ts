import type { Evaluator } from '../../../expression/evaluator.js';
import { storeKey } from '../../../state/store-key.js';
import type { KeyValueStore, Timestamped } from '../../../state/store.js';
import type { Row } from '../../../types/sql-value.js';
import { byKeyBytes } from '../../by-key-bytes.js';
import type { Operator, Output } from '../../operator.js';
import { makeRecord, type ProcessingRecord } from '../../record.js';
import type { RowJoiner } from '../joined-row.js';
import { Subscriptions } from './subscriptions.js';

export interface ForeignKeyJoinOptions {
  readonly type: 'INNER' | 'LEFT';
  readonly joiner: RowJoiner;
  /** Over a left record; the key of the right row that it refers to, null for none. */
  readonly foreignKey: Evaluator;
  readonly left: KeyValueStore;
  readonly right: KeyValueStore;
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

  process(batch: readonly ProcessingRecord[], input: number): void {
    const subscriptions = (this.subscriptions ??= this.subscribeAll());
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      if (record.key === null) continue;
      if (input === 0) this.changeLeft(record, record.key, subscriptions, out);
      else this.changeRight(record, record.key, subscriptions, out);
    }
    if (out.length > 0) this.options.output(out);
  }

  /** The joined row of a left row, null when the join has none. */
  joinLeft(key: Row, entry: Timestamped): { readonly value: Row | null; readonly timestamp: number } {
    const right = this.rightOf(this.foreignKeyOf(key, entry));
    return { value: this.join(entry.value, right), timestamp: Math.max(entry.timestamp, right?.timestamp ?? -1) };
  }

  private changeLeft(record: ProcessingRecord, key: Row, subscriptions: Subscriptions, out: ProcessingRecord[]): void {
    const { type, left, needsOldValues } = this.options;
    const { value, timestamp, headers, partition, offset } = record;
    const keyText = storeKey(key);
    const before = left.get(keyText);
    const oldForeignKey = before === undefined ? undefined : this.foreignKeyOf(key, before);
    const oldRight = this.rightOf(oldForeignKey);
    if (oldForeignKey !== undefined) subscriptions.remove(oldForeignKey, keyText);
    let right: Timestamped | undefined;
    if (value === null) left.delete(keyText);
    else {
      const entry = { value, timestamp };
      left.put(keyText, key, entry);
      const foreignKey = this.foreignKeyOf(key, entry);
      if (foreignKey !== undefined) subscriptions.add(foreignKey, keyText, key);
      right = this.rightOf(foreignKey);
    }
    const joined = value === null ? null : this.join(value, right);
    const hadAnswer = before !== undefined && (type === 'LEFT' || oldForeignKey !== undefined);
    if (joined === null && !hadAnswer) return;
    const oldJoined = needsOldValues && before !== undefined ? this.join(before.value, oldRight) : null;
    const time = Math.max(timestamp, right?.timestamp ?? -1);
    out.push(makeRecord(key, joined, oldJoined, time, -1, -1, headers, partition, offset));
  }

  private changeRight(record: ProcessingRecord, key: Row, subscriptions: Subscriptions, out: ProcessingRecord[]): void {
    const { right, left, needsOldValues, keyBytes } = this.options;
    const { value, timestamp, headers, partition, offset } = record;
    const keyText = storeKey(key);
    const before = right.get(keyText);
    const after = value === null ? undefined : { value, timestamp };
    if (after === undefined) right.delete(keyText);
    else right.put(keyText, key, after);
    const subscribers = [...subscriptions.of(keyText)];
    if (subscribers.length > 1) subscribers.sort(byKeyBytes(([, keyRow]) => keyRow, keyBytes));
    for (const [leftKey, leftKeyRow] of subscribers) {
      const entry = left.get(leftKey);
      if (entry === undefined) continue;
      const joined = this.join(entry.value, after);
      const oldJoined = needsOldValues ? this.join(entry.value, before) : null;
      const time = Math.max(timestamp, entry.timestamp);
      out.push(makeRecord(leftKeyRow, joined, oldJoined, time, -1, -1, headers, partition, offset));
    }
  }

  private join(left: Row, right: Timestamped | undefined): Row | null {
    const { type, joiner } = this.options;
    if (right === undefined && type === 'INNER') return null;
    return joiner.join(left, right?.value ?? null);
  }

  private rightOf(foreignKey: string | undefined): Timestamped | undefined {
    return foreignKey === undefined ? undefined : this.options.right.get(foreignKey);
  }

  private foreignKeyOf(key: Row, entry: Timestamped): string | undefined {
    const record = makeRecord(key, entry.value, null, entry.timestamp, -1, -1, [], -1, -1);
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
