import { KsqlError } from '../../errors/sql-error.js';
import { comparatorOf } from '../../types/compare.js';
import { arrayType, BIGINT, DOUBLE, INTEGER, STRING, structType, type SqlType } from '../../types/sql-type.js';
import type { SqlArray, SqlValue } from '../../types/sql-value.js';
import type { BoundAggregate } from '../function.js';
import { ANY, param } from '../signature.js';
import { aggregateFunction, firstArgument } from './aggregate-signature.js';

/** The number of values that TOPK and TOPKDISTINCT keep. @throws KsqlError when it is not positive */
export function topCount(name: string, constants: SqlArray): number {
  const k = constants[0];
  if (typeof k !== 'number' || k < 1) throw new KsqlError(`${name} needs a k that is 1 or greater, got ${String(k)}`);
  return k;
}

/** The values alone, or with further columns a struct of the value and them. */
function resultType(types: readonly SqlType[]): SqlType {
  const sortType = firstArgument(types);
  if (types.length === 1) return arrayType(sortType);
  return arrayType(
    structType([{ name: 'sort_col', type: sortType }, ...types.slice(1).map((type, i) => ({ name: `col${i}`, type }))]),
  );
}

function top(types: readonly SqlType[], k: number): BoundAggregate {
  const compare = comparatorOf(firstArgument(types));
  const isStruct = types.length > 1;
  const sortValue = (item: SqlValue): SqlValue => (isStruct ? ((item as SqlArray)[0] as SqlValue) : item);
  /** Behind its equals, so that the one that came first stays. */
  const insert = (list: SqlArray, item: SqlValue): SqlArray => {
    const value = sortValue(item);
    let at = list.length;
    while (at > 0 && compare(value, sortValue(list[at - 1] as SqlValue)) > 0) at--;
    if (at >= k) return list;
    const inserted = [...list.slice(0, at), item, ...list.slice(at)];
    if (inserted.length > k) inserted.pop();
    return inserted;
  };
  return {
    initial: () => [],
    add: (state, args) => {
      if (args[0] === null) return state;
      return insert(state as SqlArray, isStruct ? [...args] : (args[0] as SqlValue));
    },
    merge: (a, b) => (b as SqlArray).reduce(insert, a as SqlArray),
    result: (state) => state,
  };
}

export const topk = aggregateFunction(
  'TOPK',
  'The k greatest values, the greatest first; with further columns, structs of the value and them.',
  [DOUBLE, INTEGER, BIGINT, STRING].map((type) => ({
    parameters: [param('val1', type), param('val2', ANY), param('k', INTEGER)],
    variadicIndex: 1,
    constantCount: 1,
    returns: resultType,
    returnsText: 'ARRAY<S>',
    stateType: resultType,
    bind: (types, constants) => top(types, topCount('TOPK', constants)),
  })),
);
