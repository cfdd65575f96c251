import { arrayType, type SqlType } from '../../types/sql-type.js';
import type { SqlArray, SqlValue } from '../../types/sql-value.js';
import { valuesEqual } from '../../types/compare.js';
import type { BoundAggregate } from '../function.js';
import { generic, param } from '../signature.js';
import { aggregateFunction, firstArgument } from './aggregate-signature.js';
import { collectLimit } from './collect-limit.js';

function collector(limit: number): BoundAggregate {
  const addOne = (set: SqlArray, value: SqlValue): SqlArray =>
    set.length >= limit || set.some((item) => valuesEqual(item, value)) ? set : [...set, value];
  return {
    initial: () => [],
    add: (state, args) => addOne(state as SqlArray, args[0] as SqlValue),
    merge: (a, b) => (b as SqlArray).reduce(addOne, a as SqlArray),
    result: (state) => state,
  };
}

const setType = (types: readonly SqlType[]) => arrayType(firstArgument(types));

export const collectSet = aggregateFunction(
  'COLLECT_SET',
  'The distinct values, NULL too, in order of arrival; ksql.functions.collect_set.limit bounds their number.',
  [
    {
      parameters: [param('val1', generic('T'))],
      constantCount: 0,
      returns: setType,
      returnsText: 'ARRAY<T>',
      stateType: setType,
      bind: (_types, _constants, context) => collector(collectLimit(context, 'ksql.functions.collect_set.limit')),
    },
  ],
);
