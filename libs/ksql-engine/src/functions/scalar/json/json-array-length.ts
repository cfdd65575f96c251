import { INTEGER, STRING } from '../../../types/sql-type.js';
import { parseJson } from '../../json/parse-json.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const jsonArrayLength = scalarFunction(
  'JSON_ARRAY_LENGTH',
  'JSON',
  'The number of elements of a JSON array; NULL for other JSON.',
  [
    unary(param('jsonArray', STRING), INTEGER, (text: string) => {
      const node = parseJson(text);
      return node?.kind === 'array' ? node.items.length : null;
    }),
  ],
);
