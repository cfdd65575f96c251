import { BIGINT, BYTES, DATE, DOUBLE, INTEGER, STRING, TIME, TIMESTAMP, type SqlType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import type { AggregateFunction, AggregateOverload, BoundAggregate } from '../function.js';
import { DECIMAL_ANY, param } from '../signature.js';
import { aggregateFunction, firstArgument } from './aggregate-signature.js';
import { orderOf } from './order-of.js';

/** `sign` is 1 for the greatest. */
function extremeOf(type: SqlType, sign: 1 | -1): BoundAggregate {
  const compare = orderOf(type);
  const better = (state: SqlValue, value: SqlValue): SqlValue => {
    if (value === null) return state;
    return state === null || compare(value, state) * sign > 0 ? value : state;
  };
  return {
    initial: () => null,
    add: (state, args) => better(state, args[0] as SqlValue),
    merge: better,
    result: (state) => state,
  };
}

/** MIN and MAX. There is no way back from a removed extreme, so tables cannot use them. */
export function extremeAggregate(name: string, description: string, sign: 1 | -1): AggregateFunction {
  const overload = (
    type: AggregateOverload['parameters'][number]['type'],
    returnsText?: string,
  ): AggregateOverload => ({
    parameters: [param('val1', type)],
    constantCount: 0,
    returns: firstArgument,
    ...(returnsText !== undefined && { returnsText }),
    stateType: firstArgument,
    bind: (types) => extremeOf(firstArgument(types), sign),
  });
  return aggregateFunction(name, description, [
    overload(DECIMAL_ANY, 'DECIMAL'),
    ...[DOUBLE, INTEGER, BIGINT, STRING, TIMESTAMP, TIME, DATE, BYTES].map((type) => overload(type)),
  ]);
}
