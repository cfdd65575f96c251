import { isArray, isObject, JsonDouble, JsonNumber, parseExactJson, type ExactJson } from '../exact-json.js';
import { memberOf } from './spec-values.js';

/** A case's JSON as a JSON schema has it: only its properties, maps as it says. */
export const toJsonSchema = (node: ExactJson, schemaText: string): ExactJson =>
  converted(node, parseExactJson(schemaText), (list) => list);

/** The same back: a list of entries is a map. */
export const fromJsonSchema = (node: ExactJson, schemaText: string): ExactJson =>
  converted(node, parseExactJson(schemaText), (list) =>
    isArray(list)
      ? new Map(list.filter(isObject).map((each) => [String(each.get('key')), each.get('value') ?? null]))
      : list,
  );

function converted(node: ExactJson, schema: ExactJson | undefined, mapOf: (list: ExactJson) => ExactJson): ExactJson {
  const plain = withoutNull(schema);
  if (plain === undefined || node === null) return node;
  if (plain.get('type') === 'number' && !/Decimal$/.test(String(plain.get('title'))) && node instanceof JsonNumber)
    return new JsonDouble(node.text);
  const properties = plain.get('properties');
  if (isObject(properties) && isObject(node)) {
    return new Map(
      [...properties].map(([name, inner]) => [name, converted(memberOf(node, name) ?? null, inner, mapOf)]),
    );
  }
  const items = plain.get('items');
  if (plain.get('type') === 'array' && items !== undefined) {
    const list = isArray(node) ? node.map((item) => converted(item, items, mapOf)) : node;
    return plain.get('connect.type') === 'map' ? mapOf(list) : list;
  }
  const values = plain.get('additionalProperties');
  if (isObject(values) && isObject(node)) {
    return new Map([...node].map(([name, value]) => [name, converted(value, values, mapOf)]));
  }
  return node;
}

/** The one branch of a `oneOf` that is not null. */
function withoutNull(schema: ExactJson | undefined): ReadonlyMap<string, ExactJson> | undefined {
  if (!isObject(schema)) return undefined;
  const branches = schema.get('oneOf') ?? schema.get('anyOf');
  if (!isArray(branches)) return schema;
  return branches.filter(isObject).find((branch) => branch.get('type') !== 'null');
}
