import { aggregateFunction } from '../../src/functions/aggregate/aggregate-signature.js';
import { ANY, param } from '../../src/functions/signature.js';
import { arrayType, INTEGER } from '../../src/types/sql-type.js';
import { firstOfFullRows } from './first-of-full-rows.js';

export const objColArg = aggregateFunction('OBJ_COL_ARG', 'Collects a number of complete rows.', [
  {
    parameters: [param('val1', INTEGER), param('val2', ANY)],
    variadicIndex: 1,
    constantCount: 0,
    returns: () => arrayType(INTEGER),
    stateType: () => arrayType(INTEGER),
    bind: () => firstOfFullRows,
  },
]);
