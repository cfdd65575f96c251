import { storeKey } from '../../state/store-key.js';
import type { KeyValueStore } from '../../state/store.js';
import type { Row } from '../../types/sql-value.js';
import type { Operator, Output } from '../operator.js';
import { makeRecord, type ProcessingRecord } from '../record.js';
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

  process(batch: readonly ProcessingRecord[]): void {
    const { aggregation, store, needsOldValues, log, output } = this.options;
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      const { key, headers, partition, offset } = record;
      if (key === null || record.value === null) continue;
      const keyText = storeKey(key);
      const before = store.get(keyText);
      let state: Row;
      try {
        state = aggregation.add(before === undefined ? aggregation.initial() : before.value, record);
      } catch (cause) {
        skipUnlessFatal(log, record, cause);
        continue;
      }
      const timestamp =
        before !== undefined && before.timestamp > record.timestamp ? before.timestamp : record.timestamp;
      store.put(keyText, key, { value: state, timestamp });
      const oldValue = needsOldValues && before !== undefined ? aggregation.result(before.value) : null;
      out.push(makeRecord(key, aggregation.result(state), oldValue, timestamp, -1, -1, headers, partition, offset));
    }
    if (out.length > 0) output(out);
  }
}
