import { BOOLEAN, STRING } from '../../../types/sql-type.js';
import { parseJson } from '../../json/parse-json.js';
import { param, scalarFunction, unary } from '../../signature.js';

function isJson(text: string | null): boolean {
  if (text === null) return false;
  try {
    return parseJson(text) !== undefined;
  } catch {
    return false;
  }
}

export const isJsonString = scalarFunction('IS_JSON_STRING', 'JSON', 'Whether the text begins with a JSON value.', [
  unary(param('input', STRING), BOOLEAN, isJson, { nullOnNull: false }),
]);
