import { arrayType, STRING } from '../../../types/sql-type.js';
import { parseJson } from '../../json/parse-json.js';
import { renderJson } from '../../json/render-json.js';
import { param, scalarFunction, unary } from '../../signature.js';

export const jsonItems = scalarFunction('JSON_ITEMS', 'JSON', 'The elements of a JSON array, each as JSON text.', [
  unary(param('jsonItems', STRING), arrayType(STRING), (text: string) => {
    const node = parseJson(text);
    if (node?.kind === 'null') return null;
    if (node?.kind !== 'array') throw new Error('JSON_ITEMS needs the text of a JSON array');
    return node.items.map(renderJson);
  }),
]);
