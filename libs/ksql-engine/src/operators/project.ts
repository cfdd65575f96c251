import type { Evaluator } from '../expression/evaluator.js';
import type { Row, SqlValue } from '../types/sql-value.js';
import type { Operator, Output } from './operator.js';
import { beforeChange } from './record-key.js';
import { makeRecord, type ProcessingRecord } from './record.js';

export interface ProjectOptions {
  /** Which input key column each output key column is. */
  readonly keyColumns: readonly number[];
  readonly values: readonly Evaluator[];
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

  process(batch: readonly ProcessingRecord[]): void {
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) out.push(this.project(batch[i] as ProcessingRecord));
    if (out.length > 0) this.options.output(out);
  }

  project(record: ProcessingRecord): ProcessingRecord {
    const { timestamp, windowStart, windowEnd, headers, partition, offset } = record;
    const key = this.keepsKey ? record.key : this.keyOf(record.key);
    const value = record.value === null ? null : this.rowOf(record);
    const oldValue = this.options.needsOldValues && record.oldValue !== null ? this.rowOf(beforeChange(record)) : null;
    return makeRecord(key, value, oldValue, timestamp, windowStart, windowEnd, headers, partition, offset);
  }

  private keyOf(key: Row | null): Row | null {
    const { keyColumns } = this.options;
    if (key === null || keyColumns.length === 0) return null;
    return keyColumns.map((column) => key[column] ?? null);
  }

  private rowOf(record: ProcessingRecord): Row {
    const { values } = this.options;
    const row: SqlValue[] = [];
    for (let i = 0; i < values.length; i++) row.push((values[i] as Evaluator)(record));
    return row;
  }
}
