import { INTEGER } from '../../../types/sql-type.js';
import { numberFromBytes } from './from-bytes.js';

export const intFromBytes = numberFromBytes('INT_FROM_BYTES', 'The INTEGER in 4 bytes.', INTEGER, 4, (view, isLittle) =>
  view.getInt32(0, isLittle),
);
