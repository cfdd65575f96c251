import { BIGINT, DOUBLE, INTEGER, structType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import type { BoundAggregate } from '../function.js';
import { param } from '../signature.js';
import { aggregateFunction } from './aggregate-signature.js';

type State = readonly [count: number, sumX: number, sumY: number, sumXX: number, sumYY: number, sumXY: number];

const STATE_TYPE = structType([
  { name: 'COUNT', type: BIGINT },
  ...['SUM_X', 'SUM_Y', 'SUM_XX', 'SUM_YY', 'SUM_XY'].map((name) => ({ name, type: DOUBLE })),
]);

/** Rows with a NULL are passed over. `sign` −1 takes a row back. */
function changed(state: State, args: readonly SqlValue[], sign: 1 | -1): State {
  if (args[0] === null || args[1] === null) return state;
  const x = Number(args[0]);
  const y = Number(args[1]);
  return [
    state[0] + sign,
    state[1] + sign * x,
    state[2] + sign * y,
    state[3] + sign * x * x,
    state[4] + sign * y * y,
    state[5] + sign * x * y,
  ];
}

const pearson: BoundAggregate = {
  initial: () => [0, 0, 0, 0, 0, 0],
  add: (state, args) => changed(state as State, args, 1),
  undo: (state, args) => changed(state as State, args, -1),
  merge: (a, b) => (a as State).map((value, i) => value + ((b as State)[i] as number)),
  result: (state) => {
    const [count, sumX, sumY, sumXX, sumYY, sumXY] = state as State;
    const variances = (count * sumXX - sumX * sumX) * (count * sumYY - sumY * sumY);
    return (count * sumXY - sumX * sumY) / Math.sqrt(variances);
  },
};

export const correlation = aggregateFunction(
  'CORRELATION',
  'The Pearson correlation of two columns; NaN where one of them does not vary.',
  [DOUBLE, INTEGER, BIGINT].map((type) => ({
    parameters: [param('val1', type), param('val2', type)],
    constantCount: 0,
    returns: () => DOUBLE,
    stateType: () => STATE_TYPE,
    bind: () => pearson,
  })),
);
