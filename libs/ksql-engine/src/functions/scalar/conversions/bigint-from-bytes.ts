import { BIGINT } from '../../../types/sql-type.js';
import { normalizeBigint } from '../../../types/sql-value.js';
import { numberFromBytes } from './from-bytes.js';

export const bigintFromBytes = numberFromBytes(
  'BIGINT_FROM_BYTES',
  'The BIGINT in 8 bytes.',
  BIGINT,
  8,
  (view, isLittle) => normalizeBigint(view.getBigInt64(0, isLittle)),
);
