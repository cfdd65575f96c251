import { aggregateFunction, columnAggregate } from '../../src/functions/aggregate/aggregate-signature.js';
import type { BoundAggregate } from '../../src/functions/function.js';
import { param } from '../../src/functions/signature.js';
import { addInt64, subtractInt64, type Int64 } from '../../src/types/integer-math.js';
import { BIGINT, DOUBLE, INTEGER, structType } from '../../src/types/sql-type.js';
import type { SqlArray, SqlValue } from '../../src/types/sql-value.js';

const sumOfIntegers: BoundAggregate = {
  initial: () => 0,
  add: (state, args) => addInt64(state as Int64, (args[0] as Int64 | null) ?? 0),
  undo: (state, args) => subtractInt64(state as Int64, (args[0] as Int64 | null) ?? 0),
  merge: (a, b) => addInt64(a as Int64, b as Int64),
  result: (state) => state,
};

const sumOfDoubles: BoundAggregate = {
  initial: () => 0,
  add: (state, args) => (state as number) + ((args[0] as number | null) ?? 0),
  merge: (a, b) => (a as number) + (b as number),
  result: (state) => state,
};

const PAIR = structType([
  { name: 'A', type: INTEGER },
  { name: 'B', type: INTEGER },
]);

const addPairs = (a: SqlValue, b: SqlValue): SqlValue => {
  const [left, right] = [a as SqlArray, (b ?? [0, 0]) as SqlArray];
  return [0, 1].map((i) => ((left[i] as number) + ((right[i] as number | null) ?? 0)) | 0);
};

const sumOfPairs: BoundAggregate = {
  initial: () => [0, 0],
  add: (state, args) => addPairs(state, args[0] as SqlValue),
  merge: addPairs,
  result: (state) => state,
};

export const testUdaf = aggregateFunction('TEST_UDAF', 'Sums.', [
  columnAggregate(param('val', BIGINT), BIGINT, BIGINT, sumOfIntegers),
  columnAggregate(param('val', INTEGER), BIGINT, BIGINT, sumOfIntegers),
  columnAggregate(param('val', DOUBLE), DOUBLE, DOUBLE, sumOfDoubles),
  columnAggregate(param('val', PAIR), PAIR, PAIR, sumOfPairs),
]);
