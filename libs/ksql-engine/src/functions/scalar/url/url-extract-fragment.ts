import { STRING } from '../../../types/sql-type.js';
import { urlPart } from './url-part.js';

export const urlExtractFragment = urlPart(
  'URL_EXTRACT_FRAGMENT',
  'The part of a URL behind #, or NULL.',
  STRING,
  (uri) => uri.fragment,
);
