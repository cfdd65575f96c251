import type { Projection } from '../../expression/evaluator.js';
import { type Vector, sameNumbers } from '../../types/vector.js';
import type { Operator, Output } from '../operator.js';
import { HAS_KEY, HAS_VALUE, type RecordBatch, unwindowed } from '../record-batch.js';
import type { SkipLog } from '../skip-log.js';

export interface GroupByOptions {
  /** A vector per column of the group. */
  readonly keys: Projection;
  readonly log: SkipLog;
  readonly output: Output;
}

/** Whether a row has a group: it has none when a part of it is null or failed. */
export function hasGroup(groups: readonly Vector[], at: number): boolean {
  for (let i = 0; i < groups.length; i++) if ((groups[i] as Vector)[at] === null) return false;
  return true;
}

export const NO_GROUP = 'Group-by column with value null';

/** GROUP BY over a stream. Records without a value, and those of no group, are left out. */
export class GroupBy implements Operator {
  constructor(private readonly options: GroupByOptions) {}

  process(batch: RecordBatch): void {
    const { keys, log, output } = this.options;
    const groups = keys(batch);
    const rows = new Array<number>(batch.count);
    const flags = sameNumbers(batch.size, HAS_KEY | HAS_VALUE);
    let count = 0;
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (!batch.hasValue(at)) continue;
      if (hasGroup(groups, at)) rows[count++] = at;
      else log(NO_GROUP, batch, at);
    }
    if (count === 0) return;
    const bounds = unwindowed(batch.size);
    output(batch.with({ rows, count, flags, keys: groups, olds: undefined, windowStarts: bounds, windowEnds: bounds }));
  }
}
