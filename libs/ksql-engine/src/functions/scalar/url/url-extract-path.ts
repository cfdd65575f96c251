import { STRING } from '../../../types/sql-type.js';
import { urlPart } from './url-part.js';

export const urlExtractPath = urlPart(
  'URL_EXTRACT_PATH',
  'The path of a URL, perhaps empty.',
  STRING,
  (uri) => uri.path,
);
