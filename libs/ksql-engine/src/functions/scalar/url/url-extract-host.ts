import { STRING } from '../../../types/sql-type.js';
import { urlPart } from './url-part.js';

export const urlExtractHost = urlPart('URL_EXTRACT_HOST', 'The host of a URL, or NULL.', STRING, (uri) => uri.host);
