import { arrayType, STRING } from '../../../types/sql-type.js';
import { parseJson } from '../../json/parse-json.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const jsonKeys = scalarFunction('JSON_KEYS', 'JSON', 'The field names of a JSON object; NULL for other JSON.', [
  unary(param('jsonObj', STRING), arrayType(STRING), (text: string) => {
    const node = parseJson(text);
    return node?.kind === 'object' ? [...node.fields.keys()] : null;
  }),
]);
