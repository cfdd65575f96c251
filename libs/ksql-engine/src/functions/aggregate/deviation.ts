import { BIGINT, DOUBLE, INTEGER, structType, type SqlType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import type { AggregateFunction, BoundAggregate } from '../function.js';
import { param } from '../signature.js';
import { aggregateFunction, columnAggregate } from './aggregate-signature.js';

/**
 * Youngs and Cramer: `squares` is the sum of the squared distances from the mean, kept up to date by the distance of the
 * next value from the sum so far. Goes backwards just as well.
 */
type State = readonly [count: number, sum: number, squares: number];

const STATE_TYPE = structType([
  { name: 'COUNT', type: BIGINT },
  { name: 'SUM', type: DOUBLE },
  { name: 'M2', type: DOUBLE },
]);

const EMPTY: State = [0, 0, 0];

function step(count: number, sum: number, value: number): number {
  return (count * value - sum) ** 2 / (count * (count - 1));
}

/** Sums have the type of the column and wrap as SUM does. */
type Wrap = (sum: number) => number;
const WRAPS: readonly (readonly [type: SqlType, wrap: Wrap])[] = [
  [DOUBLE, (sum) => sum],
  [INTEGER, (sum) => sum | 0],
  [BIGINT, (sum) => (Number.isSafeInteger(sum) ? sum : Number(BigInt.asIntN(64, BigInt(sum))))],
];

function add(state: State, value: number, wrap: Wrap): State {
  const count = state[0] + 1;
  const sum = wrap(state[1] + value);
  return [count, sum, count === 1 ? state[2] : state[2] + step(count, sum, value)];
}

function undo(state: State, value: number, wrap: Wrap): State {
  const [count, sum, squares] = state;
  if (count <= 1) return EMPTY;
  return [count - 1, wrap(sum - value), squares - step(count, sum, value)];
}

function merge(a: State, b: State, wrap: Wrap): State {
  if (a[0] === 0) return b;
  if (b[0] === 0) return a;
  const count = a[0] + b[0];
  const distance = b[1] / b[0] - a[1] / a[0];
  return [count, wrap(a[1] + b[1]), a[2] + b[2] + (distance ** 2 * a[0] * b[0]) / count];
}

/** `finish` takes the sample variance to the result. Fewer than two values give 0. */
export function deviationAggregate(
  name: string,
  description: string,
  finish: (variance: number) => number,
): AggregateFunction {
  const aggregate = (wrap: Wrap): BoundAggregate => ({
    initial: () => EMPTY,
    add: (state, args) => (args[0] === null ? state : add(state as State, Number(args[0] as SqlValue), wrap)),
    undo: (state, args) => (args[0] === null ? state : undo(state as State, Number(args[0] as SqlValue), wrap)),
    merge: (a, b) => merge(a as State, b as State, wrap),
    result: (state) => {
      const [count, , squares] = state as State;
      return count < 2 ? 0 : finish(squares / (count - 1));
    },
  });
  return aggregateFunction(
    name,
    description,
    WRAPS.map(([type, wrap]) => columnAggregate(param('val1', type), DOUBLE, STATE_TYPE, aggregate(wrap))),
  );
}
