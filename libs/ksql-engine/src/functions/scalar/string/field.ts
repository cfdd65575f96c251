import { INTEGER, STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, variadic } from '../../signature.js';

export const field = scalarFunction(
  'FIELD',
  'STRING',
  'The 1-based position of the first argument among the following ones, or 0.',
  [
    variadic([param('str', STRING), param('args', STRING)], INTEGER, (args) =>
      args[0] === null ? 0 : Math.max(0, args.indexOf(args[0] as string, 1)),
    ),
  ],
);
