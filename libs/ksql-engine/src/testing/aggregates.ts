import type { AggregateCall } from '../operators/aggregate/aggregation.js';
import type { BoundAggregate } from '../functions/function.js';
import { column } from './records.js';

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

export const countCall: AggregateCall = { args: [], aggregate: count };
export const sumCall = (index: number): AggregateCall => ({ args: [column(index)], aggregate: sum });
