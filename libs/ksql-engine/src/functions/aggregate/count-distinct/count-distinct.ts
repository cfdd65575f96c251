import { hashKey } from '../../../types/compare.js';
import { BIGINT, BYTES } from '../../../types/sql-type.js';
import type { SqlValue } from '../../../types/sql-value.js';
import type { BoundAggregate } from '../../function.js';
import { generic, param } from '../../signature.js';
import { aggregateFunction, columnAggregate } from '../aggregate-signature.js';
import { hash64 } from './hash-64.js';
import { addHash, EMPTY_SKETCH, estimateCount, mergeSketches } from './sketch.js';

const distinctCount: BoundAggregate = {
  initial: () => EMPTY_SKETCH,
  add: (state, args) =>
    args[0] === null ? state : addHash(state as Uint8Array, hash64(String(hashKey(args[0] as SqlValue)))),
  merge: (a, b) => mergeSketches(a as Uint8Array, b as Uint8Array),
  result: (state) => estimateCount(state as Uint8Array),
};

export const countDistinct = aggregateFunction(
  'COUNT_DISTINCT',
  'The number of different values that are not NULL: exact up to 1024, then an estimate with an error of some 1 %.',
  [columnAggregate(param('val1', generic('T')), BIGINT, BYTES, distinctCount)],
);
