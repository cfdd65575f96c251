import { aggregateFunction } from '../../src/functions/aggregate/aggregate-signature.js';
import { param } from '../../src/functions/signature.js';
import { BIGINT, STRING } from '../../src/types/sql-type.js';
import { sumWithLengths } from './text-lengths.js';

export const varArg = aggregateFunction('VAR_ARG', 'Sums a number and the lengths of texts.', [
  {
    parameters: [param('val1', BIGINT), param('val2', STRING)],
    variadicIndex: 1,
    constantCount: 0,
    returns: () => BIGINT,
    stateType: () => BIGINT,
    bind: () => sumWithLengths(0, 0),
  },
]);
