import type { BoundAggregate } from '../../src/functions/function.js';
import type { SqlArray, SqlValue } from '../../src/types/sql-value.js';

/** The values of the first column, of rows in which no argument is NULL. */
export const firstOfFullRows: BoundAggregate = {
  initial: () => [],
  add: (state, args) => (args.includes(null) ? state : [...(state as SqlArray), args[0] as SqlValue]),
  merge: (a, b) => [...(a as SqlArray), ...(b as SqlArray)],
  result: (state) => state,
};
