import { BIGINT } from '../../../types/sql-type.js';
import { timestampParser } from './timestamp-text.js';

export const stringToTimestamp = timestampParser(
  'STRINGTOTIMESTAMP',
  'Milliseconds since 1970 from text, by a pattern. Older form of PARSE_TIMESTAMP.',
  BIGINT,
);
