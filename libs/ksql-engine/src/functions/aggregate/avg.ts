import { addInt64, subtractInt64, type Int64 } from '../../types/integer-math.js';
import { BIGINT, DOUBLE, INTEGER, structType, type SqlType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import type { BoundAggregate } from '../function.js';
import { param } from '../signature.js';
import { aggregateFunction, columnAggregate } from './aggregate-signature.js';

/** [sum, count]. The sum has the type of the column and wraps as it does. */
type State = readonly [sum: SqlValue, count: number];

const stateType = (sum: SqlType) =>
  structType([
    { name: 'SUM', type: sum },
    { name: 'COUNT', type: BIGINT },
  ]);

function average(
  plus: (a: SqlValue, b: SqlValue) => SqlValue,
  minus: (a: SqlValue, b: SqlValue) => SqlValue,
): BoundAggregate {
  return {
    initial: () => [0, 0],
    add: (state, args) => {
      const value = args[0] as SqlValue;
      if (value === null) return state;
      const [sum, count] = state as State;
      return [plus(sum, value), count + 1];
    },
    undo: (state, args) => {
      const value = args[0] as SqlValue;
      if (value === null) return state;
      const [sum, count] = state as State;
      return [minus(sum, value), count - 1];
    },
    merge: (a, b) => [plus((a as State)[0], (b as State)[0]), (a as State)[1] + (b as State)[1]],
    result: (state) => {
      const [sum, count] = state as State;
      return count === 0 ? 0 : Number(sum) / count;
    },
  };
}

export const avg = aggregateFunction('AVG', 'The average of the values that are not NULL; 0.0 where there is none.', [
  columnAggregate(
    param('val1', DOUBLE),
    DOUBLE,
    stateType(DOUBLE),
    average(
      (a, b) => (a as number) + (b as number),
      (a, b) => (a as number) - (b as number),
    ),
  ),
  columnAggregate(
    param('val1', INTEGER),
    DOUBLE,
    stateType(INTEGER),
    average(
      (a, b) => ((a as number) + (b as number)) | 0,
      (a, b) => ((a as number) - (b as number)) | 0,
    ),
  ),
  columnAggregate(
    param('val1', BIGINT),
    DOUBLE,
    stateType(BIGINT),
    average(
      (a, b) => addInt64(a as Int64, b as Int64),
      (a, b) => subtractInt64(a as Int64, b as Int64),
    ),
  ),
]);
