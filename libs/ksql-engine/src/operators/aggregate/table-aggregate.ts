import { storeKeyAt } from '../../state/store-key.js';
import { nullVectors, rowAt, sameNumbers } from '../../types/vector.js';
import type { Operator } from '../operator.js';
import { HAS_KEY, HAS_OLD, HAS_VALUE, type RecordBatch } from '../record-batch.js';
import { skipUnlessFatal } from './skip-unless-fatal.js';
import type { AggregateOptions } from './stream-aggregate.js';

/** Aggregation of a table: the row before a change is taken back, the row after it added, in one step with one result. */
export class TableAggregate implements Operator {
  constructor(private readonly options: AggregateOptions) {}

  process(batch: RecordBatch): void {
    const { aggregation, store, needsOldValues, log, output } = this.options;
    const { keys, size } = batch;
    const inputs = aggregation.inputsOf(batch);
    const oldInputs = batch.olds === undefined ? undefined : aggregation.inputsOf(batch.before());
    const values = nullVectors(aggregation.width, size);
    const olds = needsOldValues ? nullVectors(aggregation.width, size) : undefined;
    const rows = new Array<number>(batch.count);
    const flags = sameNumbers(size, HAS_KEY | HAS_VALUE);
    const timestamps = new Array<number>(size);
    let count = 0;
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (!batch.hasKey(at)) continue;
      const key = storeKeyAt(keys, at, -1, -1);
      const before = store.get(key);
      let state = before?.value;
      try {
        if (oldInputs !== undefined && batch.hasOld(at) && state !== undefined) {
          state = aggregation.undo(state, oldInputs, at);
        }
        if (batch.hasValue(at)) state = aggregation.add(state ?? aggregation.initial(), inputs, at);
      } catch (cause) {
        skipUnlessFatal(log, batch, at, cause);
        continue;
      }
      if (state === undefined) continue;
      const timestamp = Math.max(before?.timestamp ?? 0, batch.timestamps[at] as number);
      if (olds !== undefined && before !== undefined) {
        aggregation.putResult(before.value, olds, at);
        flags[at] = HAS_KEY | HAS_VALUE | HAS_OLD;
      }
      if (before === undefined) store.put(key, rowAt(keys, at), state, timestamp);
      else store.update(before, state, timestamp);
      aggregation.putResult(state, values, at);
      timestamps[at] = timestamp;
      rows[count++] = at;
    }
    if (count > 0) output(batch.with({ rows, count, flags, values, olds, timestamps }));
  }
}
