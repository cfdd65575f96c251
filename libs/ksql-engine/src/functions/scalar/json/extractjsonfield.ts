import { STRING } from '../../../types/sql-type.js';
import { JsonPath } from '../../json/json-path.js';
import { parseJson } from '../../json/parse-json.js';
import { jsonText } from '../../json/render-json.js';
import { memoizeLast } from '../../memoize-last.js';
import { param, scalarFunction } from '../../signature.js';

export const extractJsonField = scalarFunction(
  'EXTRACTJSONFIELD',
  'JSON',
  'The value at a path such as $.a.b[0] of a JSON text: strings without quotes, objects and arrays as JSON.',
  [
    {
      parameters: [param('input', STRING), param('path', STRING)],
      returns: STRING,
      bind: (_, context) => {
        const pathOf = memoizeLast(context, JsonPath.parse);
        return ([input, path]) => {
          const steps = pathOf(path as string);
          const root = parseJson(input as string);
          if (root === undefined) return (path as string) === '$' ? '' : null;
          const node = steps.find(root);
          return node === undefined ? null : jsonText(node);
        };
      },
    },
  ],
);
