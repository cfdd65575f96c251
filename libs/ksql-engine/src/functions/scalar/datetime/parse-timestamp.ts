import { TIMESTAMP } from '../../../types/sql-type.js';
import { timestampParser } from './timestamp-text.js';

export const parseTimestamp = timestampParser(
  'PARSE_TIMESTAMP',
  'A timestamp from text, by a pattern; what the text leaves out is that of 1970-01-01T00:00.',
  TIMESTAMP,
);
