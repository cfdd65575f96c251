import { param, scalarFunction, unary } from '../../src/functions/signature.js';
import { BOOLEAN, INTEGER, STRING } from '../../src/types/sql-type.js';
import type { SqlValue } from '../../src/types/sql-value.js';

export const badUdf = scalarFunction('BAD_UDF', 'OTHER', 'Fails, or gives NULL with every other call.', [
  unary(param('arg1', INTEGER), INTEGER, () => {
    throw new Error('boom!');
  }),
  unary(param('arg1', BOOLEAN), INTEGER, (fails: boolean) => {
    if (fails) throw new Error('You asked me to throw...');
    return 0;
  }),
  {
    parameters: [param('arg1', STRING)],
    returns: STRING,
    bind: () => {
      let calls = 0;
      return (args) => (calls++ % 2 === 0 ? null : (args[0] as SqlValue));
    },
  },
]);
