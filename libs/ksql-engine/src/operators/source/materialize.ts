import { storeKeyAt } from '../../state/store-key.js';
import type { KeyValueStore } from '../../state/store.js';
import { nullVectors, putRow, rowAt, sameNumbers } from '../../types/vector.js';
import type { Operator, Output } from '../operator.js';
import { HAS_KEY, HAS_OLD, HAS_VALUE, type RecordBatch } from '../record-batch.js';

export interface MaterializeOptions {
  readonly store: KeyValueStore;
  readonly output: Output;
}

/** Keeps the newest row of each key of a table, so that its changes carry the row before. Every change is passed on. */
export class Materialize implements Operator {
  constructor(private readonly options: MaterializeOptions) {}

  process(batch: RecordBatch): void {
    const { store, output } = this.options;
    const olds = nullVectors(batch.values.length, batch.size);
    const flags = sameNumbers(batch.size, 0);
    const rows: number[] = [];
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (!batch.hasKey(at)) continue;
      const key = storeKeyAt(batch.keys, at, batch.windowStarts[at] as number, batch.windowEnds[at] as number);
      const before = store.get(key);
      const hasValue = batch.hasValue(at);
      flags[at] = HAS_KEY | (hasValue ? HAS_VALUE : 0) | (before === undefined ? 0 : HAS_OLD);
      if (before !== undefined) putRow(olds, at, before.value);
      if (!hasValue) store.delete(key);
      else {
        const value = rowAt(batch.values, at);
        const timestamp = batch.timestamps[at] as number;
        if (before === undefined) store.put(key, batch.identityAt(at), value, timestamp);
        else store.update(before, value, timestamp);
      }
      rows.push(at);
    }
    if (rows.length > 0) output(batch.with({ rows, count: rows.length, flags, olds }));
  }
}
