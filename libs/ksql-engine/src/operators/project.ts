import type { Projection } from '../expression/evaluator.js';
import { type Vector, sameNumbers } from '../types/vector.js';
import type { Operator, Output } from './operator.js';
import { HAS_KEY, type RecordBatch } from './record-batch.js';

export interface ProjectOptions {
  /** Which input key column each output key column is. */
  readonly keyColumns: readonly number[];
  readonly values: Projection;
  /** Whether the row before a change is projected too, because somebody downstream needs it. */
  readonly needsOldValues: boolean;
  readonly output: Output;
}

/** SELECT. A record without a value stays without one. */
export class Project implements Operator {
  private readonly keepsKey: boolean;

  constructor(
    private readonly options: ProjectOptions,
    inputKeyCount: number,
  ) {
    const { keyColumns } = options;
    this.keepsKey = keyColumns.length === inputKeyCount && keyColumns.every((column, i) => column === i);
  }

  process(batch: RecordBatch): void {
    const { keyColumns, values, needsOldValues, output } = this.options;
    const olds = needsOldValues && batch.olds !== undefined ? values(batch.before()) : undefined;
    const projected = { values: values(batch), olds };
    if (this.keepsKey) output(batch.with(projected));
    else if (keyColumns.length === 0) output(batch.with({ ...projected, keys: [], flags: withoutKey(batch) }));
    else output(batch.with({ ...projected, keys: keyColumns.map((column) => batch.keys[column] as Vector) }));
  }
}

function withoutKey(batch: RecordBatch): readonly number[] {
  const flags = sameNumbers(batch.size, 0);
  for (let n = 0; n < batch.count; n++) {
    const at = batch.rows[n] as number;
    flags[at] = (batch.flags[at] as number) & ~HAS_KEY;
  }
  return flags;
}
