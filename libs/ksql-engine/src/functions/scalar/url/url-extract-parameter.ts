import { STRING } from '../../../types/sql-type.js';
import { binary, param, scalarFunction } from '../../signature.js';
import { parseUri } from './uri.js';

/** The first parameter of the name; one without `=` has an empty value. */
function findParameter(query: string, name: string): string | null {
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    if ((equals < 0 ? pair : pair.slice(0, equals)) !== name || pair === '') continue;
    return equals < 0 ? '' : pair.slice(equals + 1);
  }
  return null;
}

export const urlExtractParameter = scalarFunction(
  'URL_EXTRACT_PARAMETER',
  'URL',
  'The value of a parameter in the query of a URL, or NULL.',
  [
    binary([param('input', STRING), param('paramToFind', STRING)], STRING, (url: string, name: string) => {
      const { query } = parseUri(url);
      return query === null ? null : findParameter(query, name);
    }),
  ],
);
