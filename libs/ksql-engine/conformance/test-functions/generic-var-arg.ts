import { aggregateFunction, firstArgument } from '../../src/functions/aggregate/aggregate-signature.js';
import { generic, param } from '../../src/functions/signature.js';
import { arrayType, type SqlType } from '../../src/types/sql-type.js';
import { firstOfFullRows } from './first-of-full-rows.js';

const listType = (types: readonly SqlType[]) => arrayType(firstArgument(types));

export const genericVarArg = aggregateFunction('GENERIC_VAR_ARG', 'Collects a column of complete rows.', [
  {
    parameters: [param('val1', generic('A')), param('val2', generic('B')), param('val3', generic('C'))],
    variadicIndex: 2,
    constantCount: 0,
    returns: listType,
    returnsText: 'ARRAY<A>',
    stateType: listType,
    bind: () => firstOfFullRows,
  },
]);
