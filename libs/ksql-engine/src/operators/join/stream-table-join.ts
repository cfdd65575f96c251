import { storeKey } from '../../state/store-key.js';
import type { KeyValueStore } from '../../state/store.js';
import type { Operator, Output } from '../operator.js';
import { identityOf } from '../record-key.js';
import { makeRecord, type ProcessingRecord } from '../record.js';
import type { SkipLog } from '../skip-log.js';
import type { RowJoiner } from './joined-row.js';

export interface StreamTableJoinOptions {
  readonly type: 'INNER' | 'LEFT';
  readonly joiner: RowJoiner;
  /** The table's rows. */
  readonly store: KeyValueStore;
  readonly log: SkipLog;
  readonly output: Output;
}

/** Input 0, the stream, looks up the present row of input 1, the table. The table's changes alone emit nothing. */
export class StreamTableJoin implements Operator {
  constructor(private readonly options: StreamTableJoinOptions) {}

  process(batch: readonly ProcessingRecord[], input: number): void {
    if (input === 1) this.updateTable(batch);
    else this.joinStream(batch);
  }

  private updateTable(batch: readonly ProcessingRecord[]): void {
    const { store } = this.options;
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      if (record.key === null) continue;
      const keyRow = identityOf(record, record.key);
      const keyText = storeKey(keyRow);
      if (record.value === null) store.delete(keyText);
      else store.put(keyText, keyRow, { value: record.value, timestamp: record.timestamp });
    }
  }

  private joinStream(batch: readonly ProcessingRecord[]): void {
    const { type, joiner, store, log, output } = this.options;
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      const { key, value, timestamp, windowStart, windowEnd, headers, partition, offset } = record;
      if (value === null || (key === null && type === 'INNER')) {
        log(value === null ? 'Skipping record due to null join value' : 'Skipping record due to null join key', record);
        continue;
      }
      const right = key === null ? undefined : store.get(storeKey(identityOf(record, key)));
      if (right === undefined && type === 'INNER') continue;
      const joined = joiner.join(value, right?.value ?? null);
      out.push(makeRecord(key, joined, null, timestamp, windowStart, windowEnd, headers, partition, offset));
    }
    if (out.length > 0) output(out);
  }
}
