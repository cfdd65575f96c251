import {
  arrayType,
  BIGINT,
  BYTES,
  DATE,
  DOUBLE,
  INTEGER,
  STRING,
  TIME,
  TIMESTAMP,
  type SqlType,
} from '../../types/sql-type.js';
import type { SqlArray, SqlValue } from '../../types/sql-value.js';
import type { AggregateOverload, BoundAggregate, ParameterType } from '../function.js';
import { DECIMAL_ANY, param } from '../signature.js';
import { aggregateFunction, firstArgument } from './aggregate-signature.js';
import { orderOf } from './order-of.js';
import { topCount } from './topk.js';

function topDistinct(type: SqlType, k: number): BoundAggregate {
  const compare = orderOf(type);
  const insert = (list: SqlArray, value: SqlValue): SqlArray => {
    let at = 0;
    for (; at < list.length; at++) {
      const order = compare(value, list[at] as SqlValue);
      if (order === 0) return list;
      if (order > 0) break;
    }
    if (at >= k) return list;
    const inserted = [...list.slice(0, at), value, ...list.slice(at)];
    if (inserted.length > k) inserted.pop();
    return inserted;
  };
  return {
    initial: () => [],
    add: (state, args) => (args[0] === null ? state : insert(state as SqlArray, args[0] as SqlValue)),
    merge: (a, b) => (b as SqlArray).reduce(insert, a as SqlArray),
    result: (state) => state,
  };
}

const listType = (types: readonly SqlType[]) => arrayType(firstArgument(types));

function overload(type: ParameterType, text: string): AggregateOverload {
  return {
    parameters: [param('val1', type), param('k', INTEGER)],
    constantCount: 1,
    returns: listType,
    returnsText: `ARRAY<${text}>`,
    stateType: listType,
    bind: (types, constants) => topDistinct(firstArgument(types), topCount('TOPKDISTINCT', constants)),
  };
}

export const topkdistinct = aggregateFunction('TOPKDISTINCT', 'The k greatest different values, the greatest first.', [
  overload(BIGINT, 'BIGINT'),
  overload(INTEGER, 'INT'),
  overload(DOUBLE, 'DOUBLE'),
  overload(DECIMAL_ANY, 'DECIMAL'),
  overload(BYTES, 'BYTES'),
  overload(DATE, 'DATE'),
  overload(TIME, 'TIME'),
  overload(TIMESTAMP, 'TIMESTAMP'),
  overload(STRING, 'VARCHAR'),
]);
