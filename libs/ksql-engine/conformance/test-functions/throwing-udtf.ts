import type { TableFunction } from '../../src/functions/function.js';
import { param } from '../../src/functions/signature.js';
import { BOOLEAN } from '../../src/types/sql-type.js';

export const throwingUdtf: TableFunction = {
  kind: 'table',
  name: 'THROWING_UDTF',
  description: 'Fails if it is told to.',
  overloads: [
    {
      parameters: [param('shouldThrow', BOOLEAN)],
      returns: BOOLEAN,
      bind: () => (args) => {
        if (args[0] === true) throw new Error('You asked me to throw!');
        return args;
      },
    },
  ],
};
