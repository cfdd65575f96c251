import type { Evaluator } from '../expression/evaluator.js';
import type { SqlValue } from '../types/sql-value.js';
import type { Operator, Output } from './operator.js';
import { makeRecord, type ProcessingRecord } from './record.js';
import type { SkipLog } from './skip-log.js';

/** A table function of one query with its arguments. */
export interface TableCall {
  readonly name: string;
  readonly args: readonly Evaluator[];
  readonly apply: (args: readonly SqlValue[]) => readonly SqlValue[];
}

export interface FlatMapOptions {
  readonly calls: readonly TableCall[];
  readonly log: SkipLog;
  readonly output: Output;
}

/**
 * Table functions: row i takes element i of each result, shorter ones give null; the columns of the input repeat. A function that
 * throws leaves the record out.
 */
export class FlatMap implements Operator {
  constructor(private readonly options: FlatMapOptions) {}

  process(batch: readonly ProcessingRecord[]): void {
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) this.expand(batch[i] as ProcessingRecord, out);
    if (out.length > 0) this.options.output(out);
  }

  private expand(record: ProcessingRecord, out: ProcessingRecord[]): void {
    const { key, value, timestamp, windowStart, windowEnd, headers, partition, offset } = record;
    if (value === null) return;
    const results: (readonly SqlValue[])[] = [];
    let rows = 0;
    for (const { name, args, apply } of this.options.calls) {
      try {
        const result = apply(args.map((evaluate) => evaluate(record)));
        results.push(result);
        rows = Math.max(rows, result.length);
      } catch (cause) {
        this.options.log(`Table function ${name} threw an exception`, record, cause);
        return;
      }
    }
    for (let i = 0; i < rows; i++) {
      const row = value.slice();
      for (const result of results) row.push(result[i] ?? null);
      out.push(makeRecord(key, row, null, timestamp, windowStart, windowEnd, headers, partition, offset));
    }
  }
}
