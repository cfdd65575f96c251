import type { Evaluator } from '../expression/evaluator.js';
import type { Row } from '../types/sql-value.js';
import type { Operator, Output } from './operator.js';
import { makeRecord, type ProcessingRecord } from './record.js';

export interface SelectKeyOptions {
  readonly keys: readonly Evaluator[];
  /** For each key whether it reads the value: of a record without one it is null. */
  readonly keysReadValue: readonly boolean[];
  readonly values: readonly Evaluator[];
  readonly output: Output;
}

/** PARTITION BY and the re-keying of join inputs. A single key column that is null, or that fails, makes a record without a key. */
export class SelectKey implements Operator {
  constructor(private readonly options: SelectKeyOptions) {}

  process(batch: readonly ProcessingRecord[]): void {
    const { values, output } = this.options;
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      const { timestamp, windowStart, windowEnd, headers, partition, offset } = record;
      const value = record.value === null ? null : values.map((evaluate) => evaluate(record));
      const key = this.keyOf(record);
      out.push(makeRecord(key, value, null, timestamp, windowStart, windowEnd, headers, partition, offset));
    }
    if (out.length > 0) output(out);
  }

  private keyOf(record: ProcessingRecord): Row | null {
    const { keys, keysReadValue } = this.options;
    if (keys.length === 0) return null;
    const key = keys.map((evaluate, i) => (record.value === null && keysReadValue[i] ? null : evaluate(record)));
    return key.length === 1 && key[0] === null ? null : key;
  }
}
