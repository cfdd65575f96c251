import { STRING, type SqlType } from '../../../types/sql-type.js';
import type { SqlValue } from '../../../types/sql-value.js';
import type { ScalarFunction } from '../../function.js';
import { param, scalarFunction, unary } from '../../signature.js';
import { parseUri, type Uri } from './uri.js';

/** A function that takes one part out of a URL. */
export function urlPart(
  name: string,
  description: string,
  returns: SqlType,
  part: (uri: Uri) => SqlValue,
): ScalarFunction {
  return scalarFunction(name, 'URL', description, [
    unary(param('input', STRING), returns, (url: string) => part(parseUri(url))),
  ]);
}
