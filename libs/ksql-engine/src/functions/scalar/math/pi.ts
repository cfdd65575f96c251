import { DOUBLE } from '../../../types/sql-type.js';
import { nullary, scalarFunction } from '../../signature.js';

export const pi = scalarFunction('PI', 'MATHEMATICAL', 'The number pi.', [nullary(DOUBLE, () => Math.PI)]);
