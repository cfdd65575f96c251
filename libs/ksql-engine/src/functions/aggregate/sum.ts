import { StreamsError } from '../../errors/sql-error.js';
import { addDecimal, precisionOf, rescale, subtractDecimal } from '../../types/decimal-math.js';
import { Decimal } from '../../types/decimal.js';
import { addInt64, subtractInt64, type Int64 } from '../../types/integer-math.js';
import { BIGINT, DOUBLE, INTEGER, type DecimalType } from '../../types/sql-type.js';
import type { BoundAggregate } from '../function.js';
import { DECIMAL_ANY, param } from '../signature.js';
import { aggregateFunction, columnAggregate, firstArgument } from './aggregate-signature.js';

const sumOfIntegers: BoundAggregate = {
  initial: () => 0,
  add: (state, args) => ((state as number) + ((args[0] as number | null) ?? 0)) | 0,
  undo: (state, args) => ((state as number) - ((args[0] as number | null) ?? 0)) | 0,
  merge: (a, b) => ((a as number) + (b as number)) | 0,
  result: (state) => state,
};

const sumOfBigints: BoundAggregate = {
  initial: () => 0,
  add: (state, args) => (args[0] === null ? state : addInt64(state as Int64, args[0] as Int64)),
  undo: (state, args) => (args[0] === null ? state : subtractInt64(state as Int64, args[0] as Int64)),
  merge: (a, b) => addInt64(a as Int64, b as Int64),
  result: (state) => state,
};

const sumOfDoubles: BoundAggregate = {
  initial: () => 0,
  add: (state, args) => (args[0] === null ? state : (state as number) + (args[0] as number)),
  undo: (state, args) => (args[0] === null ? state : (state as number) - (args[0] as number)),
  merge: (a, b) => (a as number) + (b as number),
  result: (state) => state,
};

/** A sum that the type of the column cannot hold stops the query: a wrong total is worse than none. */
function sumOfDecimals(type: DecimalType): BoundAggregate {
  const check = (sum: Decimal): Decimal => {
    const scaled = rescale(sum, type.scale, 'UNNECESSARY');
    if (scaled.unscaled !== 0n && precisionOf(scaled) > type.precision) {
      throw new StreamsError(
        `Numeric field overflow: SUM gives ${scaled.toString()}, which does not fit DECIMAL(${type.precision}, ${type.scale}): cast the column to a wider DECIMAL`,
      );
    }
    return scaled;
  };
  return {
    initial: () => new Decimal(0n, type.scale),
    add: (state, args) => (args[0] === null ? state : check(addDecimal(state as Decimal, args[0] as Decimal))),
    undo: (state, args) => (args[0] === null ? state : check(subtractDecimal(state as Decimal, args[0] as Decimal))),
    merge: (a, b) => check(addDecimal(a as Decimal, b as Decimal)),
    result: (state) => state,
  };
}

export const sum = aggregateFunction('SUM', 'The sum of the values; NULL counts as 0.', [
  {
    parameters: [param('val1', DECIMAL_ANY)],
    constantCount: 0,
    returns: firstArgument,
    returnsText: 'DECIMAL',
    stateType: firstArgument,
    bind: (types) => sumOfDecimals(firstArgument(types) as DecimalType),
  },
  columnAggregate(param('val1', DOUBLE), DOUBLE, DOUBLE, sumOfDoubles),
  columnAggregate(param('val1', INTEGER), INTEGER, INTEGER, sumOfIntegers),
  columnAggregate(param('val1', BIGINT), BIGINT, BIGINT, sumOfBigints),
]);
