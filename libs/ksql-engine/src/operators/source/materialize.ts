import { storeKey } from '../../state/store-key.js';
import type { KeyValueStore } from '../../state/store.js';
import type { Operator, Output } from '../operator.js';
import { identityOf } from '../record-key.js';
import { makeRecord, type ProcessingRecord } from '../record.js';

export interface MaterializeOptions {
  readonly store: KeyValueStore;
  readonly output: Output;
}

/** Keeps the newest row of each key of a table, so that its changes carry the row before. Every change is passed on. */
export class Materialize implements Operator {
  constructor(private readonly options: MaterializeOptions) {}

  process(batch: readonly ProcessingRecord[]): void {
    const { store, output } = this.options;
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      const { key, value, timestamp, windowStart, windowEnd, headers, partition, offset } = record;
      if (key === null) continue;
      const keyRow = identityOf(record, key);
      const keyText = storeKey(keyRow);
      const oldValue = store.get(keyText)?.value ?? null;
      if (value === null) store.delete(keyText);
      else store.put(keyText, keyRow, { value, timestamp });
      out.push(makeRecord(key, value, oldValue, timestamp, windowStart, windowEnd, headers, partition, offset));
    }
    if (out.length > 0) output(out);
  }
}
