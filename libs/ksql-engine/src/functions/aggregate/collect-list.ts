import { arrayType, type SqlType } from '../../types/sql-type.js';
import type { SqlArray, SqlValue } from '../../types/sql-value.js';
import { valuesEqual } from '../../types/compare.js';
import type { BoundAggregate } from '../function.js';
import { generic, param } from '../signature.js';
import { aggregateFunction, firstArgument } from './aggregate-signature.js';
import { collectLimit } from './collect-limit.js';

function collector(limit: number): BoundAggregate {
  return {
    initial: () => [],
    add: (state, args) => {
      const list = state as SqlArray;
      return list.length < limit ? [...list, args[0] as SqlValue] : state;
    },
    /** Takes the last equal value away. */
    undo: (state, args) => {
      const list = state as SqlArray;
      const at = list.findLastIndex((item) => valuesEqual(item, args[0] as SqlValue));
      return at < 0 ? state : [...list.slice(0, at), ...list.slice(at + 1)];
    },
    merge: (a, b) => [...(a as SqlArray), ...(b as SqlArray)].slice(0, limit),
    result: (state) => state,
  };
}

const listType = (types: readonly SqlType[]) => arrayType(firstArgument(types));

export const collectList = aggregateFunction(
  'COLLECT_LIST',
  'All values in order of arrival, nulls and repeated ones too; ksql.functions.collect_list.limit bounds their number.',
  [
    {
      parameters: [param('val1', generic('T'))],
      constantCount: 0,
      returns: listType,
      returnsText: 'ARRAY<T>',
      stateType: listType,
      bind: (_types, _constants, context) => collector(collectLimit(context, 'ksql.functions.collect_list.limit')),
    },
  ],
);
