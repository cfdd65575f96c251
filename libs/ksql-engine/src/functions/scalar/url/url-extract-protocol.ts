import { STRING } from '../../../types/sql-type.js';
import { urlPart } from './url-part.js';

export const urlExtractProtocol = urlPart(
  'URL_EXTRACT_PROTOCOL',
  'The scheme of a URL, or NULL.',
  STRING,
  (uri) => uri.scheme,
);
