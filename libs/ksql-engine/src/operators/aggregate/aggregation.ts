import type { Evaluator } from '../../expression/evaluator.js';
import type { BoundAggregate } from '../../functions/function.js';
import type { Row, SqlValue } from '../../types/sql-value.js';
import type { ProcessingRecord } from '../record.js';

/** An aggregate function of one query with its column arguments. */
export interface AggregateCall {
  readonly args: readonly Evaluator[];
  readonly aggregate: BoundAggregate;
}

/**
 * The aggregates of one query as one step over a state row: carried columns first (the newest value wins), then one
 * state per call. State rows are never changed in place.
 */
export class Aggregation {
  private readonly initialRow: Row;

  constructor(
    private readonly carried: readonly Evaluator[],
    private readonly calls: readonly AggregateCall[],
  ) {
    this.initialRow = [...carried.map(() => null), ...calls.map(({ aggregate }) => aggregate.initial())];
  }

  initial(): Row {
    return this.initialRow;
  }

  add(state: Row, record: ProcessingRecord): Row {
    const carriedCount = this.carried.length;
    const next: SqlValue[] = [];
    for (let i = 0; i < carriedCount; i++) next.push((this.carried[i] as Evaluator)(record));
    for (let i = 0; i < this.calls.length; i++) {
      const { args, aggregate } = this.calls[i] as AggregateCall;
      next.push(aggregate.add(state[carriedCount + i] as SqlValue, argumentsOf(args, record)));
    }
    return next;
  }

  /** Takes an earlier `add` of the record back; the carried columns stay. */
  undo(state: Row, record: ProcessingRecord): Row {
    const carriedCount = this.carried.length;
    const next: SqlValue[] = state.slice(0, carriedCount);
    for (let i = 0; i < this.calls.length; i++) {
      const { args, aggregate } = this.calls[i] as AggregateCall;
      if (aggregate.undo === undefined) throw new Error('an aggregate over a table has no undo');
      next.push(aggregate.undo(state[carriedCount + i] as SqlValue, argumentsOf(args, record)));
    }
    return next;
  }

  /** Joins the states of two sessions, the older first. */
  merge(older: Row, newer: Row): Row {
    const carriedCount = this.carried.length;
    const next: SqlValue[] = newer.slice(0, carriedCount);
    for (let i = 0; i < this.calls.length; i++) {
      const { aggregate } = this.calls[i] as AggregateCall;
      const at = carriedCount + i;
      next.push(aggregate.merge(older[at] as SqlValue, newer[at] as SqlValue));
    }
    return next;
  }

  result(state: Row): Row {
    const carriedCount = this.carried.length;
    const row: SqlValue[] = state.slice(0, carriedCount);
    for (let i = 0; i < this.calls.length; i++) {
      row.push((this.calls[i] as AggregateCall).aggregate.result(state[carriedCount + i] as SqlValue));
    }
    return row;
  }
}

const NO_ARGUMENTS: readonly SqlValue[] = [];

function argumentsOf(args: readonly Evaluator[], record: ProcessingRecord): readonly SqlValue[] {
  if (args.length === 0) return NO_ARGUMENTS;
  const values: SqlValue[] = [];
  for (let i = 0; i < args.length; i++) values.push((args[i] as Evaluator)(record));
  return values;
}
