import { INTEGER, STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, variadic } from '../../signature.js';

export const elt = scalarFunction('ELT', 'STRING', 'The n-th (from 1) of the following arguments, or null.', [
  variadic([param('n', INTEGER), param('args', STRING)], STRING, (args) => {
    const n = args[0];
    if (n === null) throw new Error('ELT needs the number of an argument, got NULL');
    return (n as number) >= 1 ? (args[n as number] ?? null) : null;
  }),
]);
