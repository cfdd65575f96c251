import type { Projection } from '../expression/evaluator.js';
import type { SqlValue } from '../types/sql-value.js';
import type { Vector, WritableVector } from '../types/vector.js';
import { BatchBuilder } from './batch-builder.js';
import type { Operator, Output } from './operator.js';
import type { RecordBatch } from './record-batch.js';
import type { SkipLog } from './skip-log.js';

/** What one record may become; more could only exhaust memory. */
const ROWS_MAX = 100_000;
/** So much is expected of a record even where all before gave less: the next may be the first of thousands that give many each. */
const ROWS_EXPECTED_MIN = 64;

/** A table function of one query with the number of its arguments. */
export interface TableCall {
  readonly name: string;
  readonly argumentCount: number;
  readonly apply: (args: readonly SqlValue[]) => readonly SqlValue[];
}

export interface FlatMapOptions {
  readonly calls: readonly TableCall[];
  /** The arguments of all calls, one after the other. */
  readonly args: Projection;
  readonly log: SkipLog;
  readonly output: Output;
}

/**
 * Table functions: row i takes element i of each result, shorter ones give null; the columns of the input repeat. A function that
 * throws leaves the record out.
 */
export class FlatMap implements Operator {
  #rowsOfRecordMax = ROWS_EXPECTED_MIN;

  constructor(private readonly options: FlatMapOptions) {}

  /** The most that a record has given so far, or may well give next. */
  get rowsOfRecordMax(): number {
    return this.#rowsOfRecordMax;
  }

  process(batch: RecordBatch): void {
    const { calls, args: argsOf, output } = this.options;
    const args = argsOf(batch);
    const out = new BatchBuilder(batch.keys.length, batch.values.length + calls.length, false, batch.count);
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      const results = batch.hasValue(at) ? this.apply(batch, args, at) : undefined;
      if (results === undefined) continue;
      const count = expand(batch, at, results, out);
      if (count > this.#rowsOfRecordMax) this.#rowsOfRecordMax = count;
    }
    out.emit(output);
  }

  private apply(batch: RecordBatch, args: readonly Vector[], at: number): (readonly SqlValue[])[] | undefined {
    const { calls, log } = this.options;
    const results: (readonly SqlValue[])[] = [];
    let first = 0;
    for (const { name, argumentCount, apply } of calls) {
      const own = args.slice(first, (first += argumentCount));
      try {
        const result = apply(own.map((vector) => vector[at] as SqlValue));
        if (result.length > ROWS_MAX)
          throw new Error(
            `${name} makes ${result.length} rows of one record, ${ROWS_MAX} are the most: use a shorter array`,
          );
        results.push(result);
      } catch (cause) {
        log(`Table function ${name} threw an exception`, batch, at, cause);
        return undefined;
      }
    }
    return results;
  }
}

/** @returns how many rows it made */
function expand(batch: RecordBatch, at: number, results: readonly (readonly SqlValue[])[], out: BatchBuilder): number {
  let count = 0;
  for (const result of results) count = Math.max(count, result.length);
  const time = batch.timestamps[at] as number;
  for (let i = 0; i < count; i++) {
    const row = out.begin(batch, at, time, batch.windowStarts[at] as number, batch.windowEnds[at] as number);
    if (batch.hasKey(at)) out.copyKey(row, batch.keys, at);
    out.copyValue(row, batch.values, at);
    results.forEach((result, call) => {
      (out.values[batch.values.length + call] as WritableVector)[row] = result[i] ?? null;
    });
  }
  return count;
}
