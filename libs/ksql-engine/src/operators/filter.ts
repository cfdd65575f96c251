import type { Predicate } from '../expression/evaluator.js';
import type { Operator, Output } from './operator.js';
import type { ProcessingRecord } from './record.js';

export interface FilterOptions {
  readonly predicate: Predicate;
  readonly output: Output;
}

/** WHERE over a stream: records without a value never pass. */
export class Filter implements Operator {
  constructor(private readonly options: FilterOptions) {}

  process(batch: readonly ProcessingRecord[]): void {
    const { predicate, output } = this.options;
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      if (record.value !== null && predicate(record)) out.push(record);
    }
    if (out.length > 0) output(out);
  }
}
