import type { Selection } from '../expression/evaluator.js';
import type { Operator, Output } from './operator.js';
import type { RecordBatch } from './record-batch.js';

export interface FilterOptions {
  readonly selection: Selection;
  readonly output: Output;
}

/** WHERE over a stream: records without a value never pass. Nothing is copied but the numbers of the rows that pass. */
export class Filter implements Operator {
  constructor(private readonly options: FilterOptions) {}

  process(batch: RecordBatch): void {
    const { selection, output } = this.options;
    const rows = new Array<number>(batch.count);
    const count = selection(batch, rows);
    if (count > 0) output(count === batch.count ? batch : batch.withRows(rows, count));
  }
}
