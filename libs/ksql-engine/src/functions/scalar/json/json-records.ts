import { mapType, STRING } from '../../../types/sql-type.js';
import { parseJson } from '../../json/parse-json.js';
import { jsonText } from '../../json/render-json.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const jsonRecords = scalarFunction(
  'JSON_RECORDS',
  'JSON',
  'The fields of a JSON object as a map of texts; NULL for other JSON.',
  [
    unary(param('jsonObj', STRING), mapType(STRING, STRING), (text: string) => {
      const node = parseJson(text);
      if (node?.kind !== 'object') return null;
      return new Map([...node.fields].map(([name, value]) => [name, jsonText(value)]));
    }),
  ],
);
