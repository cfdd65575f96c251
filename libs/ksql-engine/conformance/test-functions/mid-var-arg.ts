import { aggregateFunction } from '../../src/functions/aggregate/aggregate-signature.js';
import { param } from '../../src/functions/signature.js';
import { BIGINT, INTEGER, STRING } from '../../src/types/sql-type.js';
import { sumWithLengths } from './text-lengths.js';

export const midVarArg = aggregateFunction('MID_VAR_ARG', 'Sums a number, the lengths of texts, and two constants.', [
  {
    parameters: [param('val1', BIGINT), param('val2', STRING), param('first', INTEGER), param('second', INTEGER)],
    variadicIndex: 1,
    constantCount: 2,
    returns: () => BIGINT,
    stateType: () => BIGINT,
    bind: (_types, constants) => sumWithLengths(0, (constants[0] as number) + (constants[1] as number)),
  },
]);
