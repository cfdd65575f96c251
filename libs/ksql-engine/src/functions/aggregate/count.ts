import { BIGINT } from '../../types/sql-type.js';
import type { BoundAggregate } from '../function.js';
import { generic, param } from '../signature.js';
import { aggregateFunction, columnAggregate } from './aggregate-signature.js';

const countOfValues: BoundAggregate = {
  initial: () => 0,
  add: (state, args) => (args[0] === null ? state : (state as number) + 1),
  undo: (state, args) => (args[0] === null ? state : (state as number) - 1),
  merge: (a, b) => (a as number) + (b as number),
  result: (state) => state,
};

export const count = aggregateFunction('COUNT', 'The number of rows, or of values that are not NULL.', [
  columnAggregate(param('val1', generic('T')), BIGINT, BIGINT, countOfValues),
]);
