import { DOUBLE } from '../../../types/sql-type.js';
import { scalarFunction } from '../../signature.js';

export const random = scalarFunction('RANDOM', 'MATHEMATICAL', 'A random number from 0 up to, not including, 1.', [
  { parameters: [], returns: DOUBLE, bind: (_types, context) => () => context.random() },
]);
