import { storeKey } from '../../state/store-key.js';
import type { Operator } from '../operator.js';
import { beforeChange } from '../record-key.js';
import { makeRecord, type ProcessingRecord } from '../record.js';
import { skipUnlessFatal } from './skip-unless-fatal.js';
import type { AggregateOptions } from './stream-aggregate.js';

/** Aggregation of a table: the row before a change is taken back, the row after it added, in one step with one result. */
export class TableAggregate implements Operator {
  constructor(private readonly options: AggregateOptions) {}

  process(batch: readonly ProcessingRecord[]): void {
    const { aggregation, store, needsOldValues, log, output } = this.options;
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      const { key, value, oldValue, headers, partition, offset } = record;
      if (key === null) continue;
      const keyText = storeKey(key);
      const before = store.get(keyText);
      let state = before?.value;
      try {
        if (oldValue !== null && state !== undefined) state = aggregation.undo(state, beforeChange(record));
        if (value !== null) state = aggregation.add(state ?? aggregation.initial(), record);
      } catch (cause) {
        skipUnlessFatal(log, record, cause);
        continue;
      }
      if (state === undefined) continue;
      const timestamp = Math.max(before?.timestamp ?? 0, record.timestamp);
      store.put(keyText, key, { value: state, timestamp });
      const oldResult = needsOldValues && before !== undefined ? aggregation.result(before.value) : null;
      out.push(makeRecord(key, aggregation.result(state), oldResult, timestamp, -1, -1, headers, partition, offset));
    }
    if (out.length > 0) output(out);
  }
}
