import { KsqlError } from '../../errors/sql-error.js';
import { arrayType, BIGINT, BOOLEAN, INTEGER, structType, type SqlType } from '../../types/sql-type.js';
import type { SqlArray, SqlValue } from '../../types/sql-value.js';
import type { AggregateFunction, AggregateOverload, BoundAggregate, FunctionContext } from '../function.js';
import { generic, param } from '../signature.js';
import { aggregateFunction, firstArgument } from './aggregate-signature.js';

/** A value and its place in the order of arrival, by which sessions are merged. */
type Arrival = readonly [sequence: number, value: SqlValue];

const arrivalType = (value: SqlType) =>
  structType([
    { name: 'SEQ', type: BIGINT },
    { name: 'VAL', type: value },
  ]);

/**
 * Numbers that grow with each arrival, also over a restart: they begin at the wall clock in microseconds, and never fall
 * behind a number that is in the state already.
 */
function sequencer(context: FunctionContext): (last: number) => number {
  let next = context.nowMs() * 1000;
  return (last) => {
    if (last >= next) next = last + 1;
    return next++;
  };
}

type End = 'earliest' | 'latest';

function singleValue(end: End, ignoresNulls: boolean, context: FunctionContext): BoundAggregate {
  const sequence = sequencer(context);
  return {
    initial: () => null,
    add: (state, args) => {
      const value = args[0] as SqlValue;
      if (value === null && ignoresNulls) return state;
      if (state !== null && end === 'earliest') return state;
      return [sequence(state === null ? -1 : (state as Arrival)[0]), value];
    },
    merge: (a, b) => {
      if (a === null || b === null) return a ?? b;
      const isBFirst = (b as Arrival)[0] < (a as Arrival)[0];
      return isBFirst === (end === 'earliest') ? b : a;
    },
    result: (state) => (state === null ? null : (state as Arrival)[1]),
  };
}

function severalValues(end: End, count: number, ignoresNulls: boolean, context: FunctionContext): BoundAggregate {
  const sequence = sequencer(context);
  return {
    initial: () => [],
    add: (state, args) => {
      const value = args[0] as SqlValue;
      const arrivals = state as readonly Arrival[];
      if (value === null && ignoresNulls) return state;
      if (arrivals.length >= count && end === 'earliest') return state;
      const added: SqlValue = [sequence(arrivals.at(-1)?.[0] ?? -1), value];
      return arrivals.length < count ? [...arrivals, added] : [...arrivals.slice(1), added];
    },
    merge: (a, b) => {
      const arrivals = [...(a as readonly Arrival[]), ...(b as readonly Arrival[])].sort((x, y) => x[0] - y[0]);
      return end === 'earliest' ? arrivals.slice(0, count) : arrivals.slice(-count);
    },
    result: (state) => (state as readonly Arrival[]).map((arrival) => arrival[1]),
  };
}

/** EARLIEST_BY_OFFSET and LATEST_BY_OFFSET: by order of arrival, not by time. */
export function byOffset(name: string, description: string, end: End): AggregateFunction {
  const value = param('val1', generic('T'));
  const n = param(`${end}N`, INTEGER, 'how many values');
  const ignoreNulls = param('ignoreNulls', BOOLEAN, 'whether NULL is passed over, true by default');
  const single = (constants: AggregateOverload['parameters'], at: number): AggregateOverload => ({
    parameters: [value, ...constants],
    constantCount: constants.length,
    returns: firstArgument,
    returnsText: 'T',
    stateType: (types) => arrivalType(firstArgument(types)),
    bind: (_types, values, context) => singleValue(end, ignoresNulls(values, at), context),
  });
  const several = (constants: AggregateOverload['parameters'], at: number): AggregateOverload => ({
    parameters: [value, ...constants],
    constantCount: constants.length,
    returns: (types) => arrayType(firstArgument(types)),
    returnsText: 'ARRAY<T>',
    stateType: (types) => arrayType(arrivalType(firstArgument(types))),
    bind: (_types, values, context) => severalValues(end, countOf(name, values), ignoresNulls(values, at), context),
  });
  return aggregateFunction(name, description, [
    single([], 0),
    several([n], 1),
    several([n, ignoreNulls], 1),
    single([ignoreNulls], 0),
  ]);
}

/** NULL as constant counts as the default. */
function ignoresNulls(constants: SqlArray, at: number): boolean {
  return constants[at] !== false;
}

function countOf(name: string, constants: SqlArray): number {
  const n = constants[0];
  if (typeof n !== 'number' || n < 1) {
    throw new KsqlError(`${name} needs a number of values that is 1 or greater, got ${String(n)}`);
  }
  return n;
}
