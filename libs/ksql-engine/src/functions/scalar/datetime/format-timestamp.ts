import { TIMESTAMP } from '../../../types/sql-type.js';
import { timestampFormatter } from './timestamp-text.js';

export const formatTimestamp = timestampFormatter(
  'FORMAT_TIMESTAMP',
  'A timestamp as text, by a pattern, in UTC or the given zone.',
  'timestamp',
  TIMESTAMP,
);
