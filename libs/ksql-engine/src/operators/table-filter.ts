import type { Predicate } from '../expression/evaluator.js';
import type { Operator, Output } from './operator.js';
import { beforeChange } from './record-key.js';
import { makeRecord, type ProcessingRecord } from './record.js';

export interface TableFilterOptions {
  readonly predicate: Predicate;
  /** Whether `oldValue` of the input can be relied on: null then means that there was no row. */
  readonly inputHasOldValues: boolean;
  readonly output: Output;
}

/**
 * WHERE and HAVING over a table. A row that stops passing becomes a deletion. When the row before a change is known, what
 * neither passed nor passes is silent; when it is not, a deletion is passed on to be safe.
 */
export class TableFilter implements Operator {
  constructor(private readonly options: TableFilterOptions) {}

  process(batch: readonly ProcessingRecord[]): void {
    const { predicate, inputHasOldValues, output } = this.options;
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      const { key, timestamp, windowStart, windowEnd, headers, partition, offset } = record;
      const value = record.value !== null && predicate(record) ? record.value : null;
      const oldValue = record.oldValue !== null && predicate(beforeChange(record)) ? record.oldValue : null;
      if (inputHasOldValues && value === null && oldValue === null) continue;
      out.push(makeRecord(key, value, oldValue, timestamp, windowStart, windowEnd, headers, partition, offset));
    }
    if (out.length > 0) output(out);
  }
}
