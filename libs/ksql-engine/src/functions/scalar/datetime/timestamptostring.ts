import { BIGINT } from '../../../types/sql-type.js';
import { timestampFormatter } from './timestamp-text.js';

export const timestampToString = timestampFormatter(
  'TIMESTAMPTOSTRING',
  'Milliseconds since 1970 as text, by a pattern, in UTC or the given zone. Older form of FORMAT_TIMESTAMP.',
  'epochMilli',
  BIGINT,
);
