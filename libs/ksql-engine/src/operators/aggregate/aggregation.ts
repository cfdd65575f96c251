import type { Projection } from '../../expression/evaluator.js';
import type { BoundAggregate } from '../../functions/function.js';
import type { Row, SqlValue } from '../../types/sql-value.js';
import { nullVector, type Vector, type WritableVector } from '../../types/vector.js';
import type { RecordBatch } from '../record-batch.js';

/** An aggregate function of one query with the number of its column arguments. */
export interface AggregateCall {
  readonly argumentCount: number;
  readonly aggregate: BoundAggregate;
}

/** What an aggregation reads of a batch: carried columns, then the arguments of each call. */
export type AggregationInputs = readonly Vector[];

/** A call with the places of its arguments among the inputs. */
interface PlacedCall {
  readonly aggregate: BoundAggregate;
  readonly first: number;
  /** Filled anew for each call: aggregates take values out of their arguments and never keep the list. */
  readonly args: SqlValue[];
}

/**
 * The aggregates of one query as one step over a state row: carried columns first (the newest value wins), then one
 * state per call. State rows are never changed in place.
 */
export class Aggregation {
  private readonly initialRow: Row;
  private readonly calls: readonly PlacedCall[];

  constructor(
    /** A vector per carried column, then one per argument of each call. */
    private readonly inputs: Projection,
    private readonly carriedCount: number,
    calls: readonly AggregateCall[],
  ) {
    let first = carriedCount;
    this.calls = calls.map(({ aggregate, argumentCount }) => {
      const placed = { aggregate, first, args: new Array<SqlValue>(argumentCount).fill(null) };
      first += argumentCount;
      return placed;
    });
    this.initialRow = [
      ...new Array<null>(carriedCount).fill(null),
      ...calls.map(({ aggregate }) => aggregate.initial()),
    ];
  }

  /** Columns of a result. */
  get width(): number {
    return this.initialRow.length;
  }

  inputsOf(batch: RecordBatch): AggregationInputs {
    return this.inputs(batch);
  }

  initial(): Row {
    return this.initialRow;
  }

  add(state: Row, inputs: AggregationInputs, at: number): Row {
    const { carriedCount, calls } = this;
    const next = nullVector(this.initialRow.length);
    for (let i = 0; i < carriedCount; i++) next[i] = (inputs[i] as Vector)[at] as SqlValue;
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i] as PlacedCall;
      const place = carriedCount + i;
      next[place] = call.aggregate.add(state[place] as SqlValue, argumentsOf(call, inputs, at));
    }
    return next;
  }

  /** Takes an earlier `add` of the record back; the carried columns stay. */
  undo(state: Row, inputs: AggregationInputs, at: number): Row {
    const { carriedCount, calls } = this;
    const next: SqlValue[] = state.slice(0, carriedCount);
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i] as PlacedCall;
      if (call.aggregate.undo === undefined) throw new Error('an aggregate over a table has no undo');
      next.push(call.aggregate.undo(state[carriedCount + i] as SqlValue, argumentsOf(call, inputs, at)));
    }
    return next;
  }

  /** Joins the states of two sessions, the older first. */
  merge(older: Row, newer: Row): Row {
    const { carriedCount, calls } = this;
    const next: SqlValue[] = newer.slice(0, carriedCount);
    for (let i = 0; i < calls.length; i++) {
      const place = carriedCount + i;
      const { aggregate } = calls[i] as PlacedCall;
      next.push(aggregate.merge(older[place] as SqlValue, newer[place] as SqlValue));
    }
    return next;
  }

  result(state: Row): Row {
    const row: SqlValue[] = [];
    for (let i = 0; i < state.length; i++) row.push(this.resultAt(state, i));
    return row;
  }

  /** The result of a state as row `at` of the columns. */
  putResult(state: Row, columns: readonly WritableVector[], at: number): void {
    for (let i = 0; i < state.length; i++) (columns[i] as WritableVector)[at] = this.resultAt(state, i);
  }

  private resultAt(state: Row, column: number): SqlValue {
    const value = state[column] as SqlValue;
    return column < this.carriedCount
      ? value
      : (this.calls[column - this.carriedCount] as PlacedCall).aggregate.result(value);
  }
}

function argumentsOf({ args, first }: PlacedCall, inputs: AggregationInputs, at: number): readonly SqlValue[] {
  for (let i = 0; i < args.length; i++) args[i] = (inputs[first + i] as Vector)[at] as SqlValue;
  return args;
}
