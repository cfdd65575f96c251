import { DOUBLE } from '../../../types/sql-type.js';
import { numberFromBytes } from './from-bytes.js';

export const doubleFromBytes = numberFromBytes(
  'DOUBLE_FROM_BYTES',
  'The DOUBLE in 8 bytes.',
  DOUBLE,
  8,
  (view, isLittle) => view.getFloat64(0, isLittle),
);
