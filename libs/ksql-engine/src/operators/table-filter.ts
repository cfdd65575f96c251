import { sameNumbers } from '../types/vector.js';
import type { Selection } from '../expression/evaluator.js';
import type { Operator, Output } from './operator.js';
import { HAS_KEY, HAS_OLD, HAS_VALUE, type RecordBatch } from './record-batch.js';

export interface TableFilterOptions {
  readonly selection: Selection;
  /** Whether the old rows of the input can be relied on: none then means that there was no row. */
  readonly inputHasOldValues: boolean;
  readonly output: Output;
}

/**
 * WHERE and HAVING over a table. A row that stops passing becomes a deletion. When the row before a change is known, what
 * neither passed nor passes is silent; when it is not, a deletion is passed on to be safe.
 */
export class TableFilter implements Operator {
  constructor(private readonly options: TableFilterOptions) {}

  process(batch: RecordBatch): void {
    const { inputHasOldValues, output } = this.options;
    const flags = sameNumbers(batch.size, 0);
    this.mark(batch, HAS_VALUE, flags);
    if (batch.olds !== undefined) this.mark(batch.before(), HAS_OLD, flags);
    const rows: number[] = [];
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (inputHasOldValues && flags[at] === 0) continue;
      flags[at] = (flags[at] as number) | ((batch.flags[at] as number) & HAS_KEY);
      rows.push(at);
    }
    if (rows.length > 0) output(batch.with({ rows, count: rows.length, flags }));
  }

  /** Sets a flag of the rows that pass. */
  private mark(batch: RecordBatch, flag: number, flags: number[]): void {
    const passing = new Array<number>(batch.count);
    const passed = this.options.selection(batch, passing);
    for (let n = 0; n < passed; n++) {
      const at = passing[n] as number;
      flags[at] = (flags[at] as number) | flag;
    }
  }
}
