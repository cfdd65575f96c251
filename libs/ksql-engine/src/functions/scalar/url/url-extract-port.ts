import { INTEGER } from '../../../types/sql-type.js';
import { urlPart } from './url-part.js';

export const urlExtractPort = urlPart(
  'URL_EXTRACT_PORT',
  'The port of a URL where it names one, or NULL.',
  INTEGER,
  (uri) => uri.port,
);
