import { STRING } from '../../../types/sql-type.js';
import { urlPart } from './url-part.js';

export const urlExtractQuery = urlPart(
  'URL_EXTRACT_QUERY',
  'The part of a URL between ? and #, or NULL.',
  STRING,
  (uri) => uri.query,
);
