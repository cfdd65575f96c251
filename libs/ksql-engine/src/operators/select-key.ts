import type { Projection } from '../expression/evaluator.js';
import { type Vector, sameNumbers } from '../types/vector.js';
import type { Operator, Output } from './operator.js';
import { HAS_KEY, HAS_VALUE, type RecordBatch } from './record-batch.js';

export interface SelectKeyOptions {
  /** A vector per key column; a key that reads the value is null for a record without one. */
  readonly keys: Projection;
  readonly values: Projection;
  readonly output: Output;
}

/** PARTITION BY and the re-keying of join inputs. A single key column that is null, or that fails, makes a record without a key. */
export class SelectKey implements Operator {
  constructor(private readonly options: SelectKeyOptions) {}

  process(batch: RecordBatch): void {
    const { keys: keysOf, values, output } = this.options;
    const keys = keysOf(batch);
    const only = keys.length === 1 ? (keys[0] as Vector) : undefined;
    const flags = sameNumbers(batch.size, 0);
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      const hasKey = only === undefined ? keys.length > 0 : only[at] !== null;
      flags[at] = ((batch.flags[at] as number) & HAS_VALUE) | (hasKey ? HAS_KEY : 0);
    }
    output(batch.with({ keys, values: values(batch), olds: undefined, flags }));
  }
}
