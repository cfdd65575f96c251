import { addInt64, subtractInt64, type Int64 } from '../../types/integer-math.js';
import { arrayType, BIGINT, DOUBLE, INTEGER } from '../../types/sql-type.js';
import type { SqlArray, SqlValue } from '../../types/sql-value.js';
import type { BoundAggregate } from '../function.js';
import { param } from '../signature.js';
import { aggregateFunction, columnAggregate } from './aggregate-signature.js';

type Combine = (state: SqlValue, item: SqlValue) => SqlValue;

function sumOfLists(plus: Combine, minus: Combine): BoundAggregate {
  const each = (state: SqlValue, list: SqlValue | undefined, combine: Combine): SqlValue => {
    let sum = state;
    for (const item of (list ?? []) as SqlArray) if (item !== null) sum = combine(sum, item);
    return sum;
  };
  return {
    initial: () => 0,
    add: (state, args) => each(state, args[0], plus),
    undo: (state, args) => each(state, args[0], minus),
    merge: plus,
    result: (state) => state,
  };
}

export const sumList = aggregateFunction('SUM_LIST', 'The sum of all elements of all arrays; NULL counts as 0.', [
  columnAggregate(
    param('val1', arrayType(DOUBLE)),
    DOUBLE,
    DOUBLE,
    sumOfLists(
      (a, b) => (a as number) + (b as number),
      (a, b) => (a as number) - (b as number),
    ),
  ),
  columnAggregate(
    param('val1', arrayType(INTEGER)),
    INTEGER,
    INTEGER,
    sumOfLists(
      (a, b) => ((a as number) + (b as number)) | 0,
      (a, b) => ((a as number) - (b as number)) | 0,
    ),
  ),
  columnAggregate(
    param('val1', arrayType(BIGINT)),
    BIGINT,
    BIGINT,
    sumOfLists(
      (a, b) => addInt64(a as Int64, b as Int64),
      (a, b) => subtractInt64(a as Int64, b as Int64),
    ),
  ),
]);
