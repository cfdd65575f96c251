import { must } from '../../errors/assert.js';
import type { SqlType } from '../../types/sql-type.js';
import type { AggregateFunction, AggregateOverload, BoundAggregate, Parameter } from '../function.js';

type ArgumentTypes = readonly SqlType[];

export const firstArgument = (types: ArgumentTypes): SqlType => must(types[0], 'type of the aggregated column');

export function aggregateFunction(
  name: string,
  description: string,
  overloads: readonly AggregateOverload[],
): AggregateFunction {
  return { kind: 'aggregate', name, description, overloads };
}

/** An overload of one column and no constants whose behaviour does not depend on the type. */
export function columnAggregate(
  parameter: Parameter,
  returns: SqlType,
  stateType: SqlType,
  aggregate: BoundAggregate,
): AggregateOverload {
  return {
    parameters: [parameter],
    constantCount: 0,
    returns: () => returns,
    stateType: () => stateType,
    bind: () => aggregate,
  };
}
