import { storeKeyAt } from '../../state/store-key.js';
import type { KeyValueStore } from '../../state/store.js';
import type { Row } from '../../types/sql-value.js';
import { nullVectors, rowAt, sameNumbers } from '../../types/vector.js';
import type { Operator, Output } from '../operator.js';
import { HAS_KEY, HAS_OLD, HAS_VALUE, type RecordBatch } from '../record-batch.js';
import type { SkipLog } from '../skip-log.js';
import type { Aggregation } from './aggregation.js';
import { skipUnlessFatal } from './skip-unless-fatal.js';

export interface AggregateOptions {
  readonly aggregation: Aggregation;
  readonly store: KeyValueStore;
  readonly needsOldValues: boolean;
  readonly log: SkipLog;
  readonly output: Output;
}

/** Un-windowed aggregation of a stream: each record gives the new row of its group, with the greatest time seen in it. */
export class StreamAggregate implements Operator {
  constructor(private readonly options: AggregateOptions) {}

  process(batch: RecordBatch): void {
    const { aggregation, store, needsOldValues, log, output } = this.options;
    const { keys, size } = batch;
    const inputs = aggregation.inputsOf(batch);
    const values = nullVectors(aggregation.width, size);
    const olds = needsOldValues ? nullVectors(aggregation.width, size) : undefined;
    const rows = new Array<number>(batch.count);
    const flags = sameNumbers(size, HAS_KEY | HAS_VALUE);
    const timestamps = new Array<number>(size);
    let count = 0;
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (!batch.hasKey(at) || !batch.hasValue(at)) continue;
      const key = storeKeyAt(keys, at, -1, -1);
      const before = store.get(key);
      let state: Row;
      try {
        state = aggregation.add(before === undefined ? aggregation.initial() : before.value, inputs, at);
      } catch (cause) {
        skipUnlessFatal(log, batch, at, cause);
        continue;
      }
      let timestamp = batch.timestamps[at] as number;
      if (before === undefined) store.put(key, rowAt(keys, at), state, timestamp);
      else {
        if (olds !== undefined) {
          aggregation.putResult(before.value, olds, at);
          flags[at] = HAS_KEY | HAS_VALUE | HAS_OLD;
        }
        if (before.timestamp > timestamp) ({ timestamp } = before);
        store.update(before, state, timestamp);
      }
      aggregation.putResult(state, values, at);
      timestamps[at] = timestamp;
      rows[count++] = at;
    }
    if (count > 0) output(batch.with({ rows, count, flags, values, olds, timestamps }));
  }
}
