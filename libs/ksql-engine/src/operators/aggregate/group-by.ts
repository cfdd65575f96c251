import type { Evaluator } from '../../expression/evaluator.js';
import type { Row, SqlValue } from '../../types/sql-value.js';
import type { Operator, Output } from '../operator.js';
import { makeRecord, type ProcessingRecord } from '../record.js';
import type { SkipLog } from '../skip-log.js';

export interface GroupByOptions {
  readonly keys: readonly Evaluator[];
  readonly log: SkipLog;
  readonly output: Output;
}

/** The group of a record; null when a part of it is null or fails, which belongs to no group. */
export function groupOf(keys: readonly Evaluator[], record: ProcessingRecord): Row | null {
  const group: SqlValue[] = [];
  for (let i = 0; i < keys.length; i++) {
    const part = (keys[i] as Evaluator)(record);
    if (part === null) return null;
    group.push(part);
  }
  return group;
}

export const NO_GROUP = 'Group-by column with value null';

/** GROUP BY over a stream. Records without a value, and those of no group, are left out. */
export class GroupBy implements Operator {
  constructor(private readonly options: GroupByOptions) {}

  process(batch: readonly ProcessingRecord[]): void {
    const { keys, log, output } = this.options;
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      if (record.value === null) continue;
      const group = groupOf(keys, record);
      if (group === null) {
        log(NO_GROUP, record);
        continue;
      }
      const { value, timestamp, headers, partition, offset } = record;
      out.push(makeRecord(group, value, null, timestamp, -1, -1, headers, partition, offset));
    }
    if (out.length > 0) output(out);
  }
}
