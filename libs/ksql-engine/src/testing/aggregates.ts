import { Aggregation } from '../operators/aggregate/aggregation.js';
import type { Evaluator } from '../expression/evaluator.js';
import type { BoundAggregate } from '../functions/function.js';
import { column, projecting } from './records.js';

/** An aggregate function with its arguments. */
export interface TestCall {
  readonly args: readonly Evaluator[];
  readonly aggregate: BoundAggregate;
}

/** COUNT and SUM over a column, as small as they can be. */
const count: BoundAggregate = {
  initial: () => 0,
  add: (state) => Number(state) + 1,
  undo: (state) => Number(state) - 1,
  merge: (a, b) => Number(a) + Number(b),
  result: (state) => state,
};
const sum: BoundAggregate = {
  initial: () => 0,
  add: (state, [value]) => Number(state) + Number(value),
  undo: (state, [value]) => Number(state) - Number(value),
  merge: (a, b) => Number(a) + Number(b),
  result: (state) => state,
};

export const countCall: TestCall = { args: [], aggregate: count };
export const sumCall = (index: number): TestCall => ({ args: [column(index)], aggregate: sum });

export function aggregationOf(carried: readonly Evaluator[], calls: readonly TestCall[]): Aggregation {
  return new Aggregation(
    projecting(...carried, ...calls.flatMap(({ args }) => args)),
    carried.length,
    calls.map(({ args, aggregate }) => ({ argumentCount: args.length, aggregate })),
  );
}
