import { STRING } from '../../../types/sql-type.js';
import type { SqlValue } from '../../../types/sql-value.js';
import type { JsonNode } from '../../json/json-node.js';
import { parseJson } from '../../json/parse-json.js';
import { renderJson } from '../../json/render-json.js';
import { param, scalarFunction, variadic } from '../../signature.js';

const asItems = (node: JsonNode): readonly JsonNode[] => (node.kind === 'array' ? node.items : [node]);

/** Objects merge, the right one wins; anything else is appended as array elements. */
function join(left: JsonNode, right: JsonNode): JsonNode {
  if (left.kind === 'object' && right.kind === 'object') {
    return { kind: 'object', fields: new Map([...left.fields, ...right.fields]) };
  }
  return { kind: 'array', items: [...asItems(left), ...asItems(right)] };
}

function concatJson(texts: readonly SqlValue[]): string | null {
  if (texts.length === 0) throw new Error('JSON_CONCAT needs at least one argument');
  const nodes: JsonNode[] = [];
  for (const text of texts) {
    const node = text === null ? undefined : parseJson(text as string);
    if (node === undefined) return null;
    nodes.push(node);
  }
  return renderJson(nodes.reduce(join));
}

export const jsonConcat = scalarFunction(
  'JSON_CONCAT',
  'JSON',
  'Several JSON texts as one: objects merged, other values and arrays appended to an array.',
  [variadic([param('jsonStrings', STRING)], STRING, concatJson)],
);
