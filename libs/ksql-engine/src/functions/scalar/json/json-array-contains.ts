import { parseInt64 } from '../../../types/integer-math.js';
import { BOOLEAN, STRING, type SqlType } from '../../../types/sql-type.js';
import type { SqlValue } from '../../../types/sql-value.js';
import type { JsonNode } from '../../json/json-node.js';
import { parseJson } from '../../json/parse-json.js';
import { generic, param, scalarFunction } from '../../signature.js';

type Matcher = (item: JsonNode, value: SqlValue) => boolean;

function integerEquals(item: JsonNode, value: SqlValue): boolean {
  if (item.kind !== 'number' || !item.isInteger) return false;
  try {
    return parseInt64(item.text) === value;
  } catch {
    return false;
  }
}

/** Only these types are found; an integer is not found in a fraction such as 2.0, nor the other way round. */
const MATCHERS: Partial<Record<SqlType['kind'], Matcher>> = {
  INTEGER: integerEquals,
  BIGINT: integerEquals,
  DOUBLE: (item, value) => item.kind === 'number' && !item.isInteger && Number(item.text) === value,
  STRING: (item, value) => item.kind === 'string' && item.value === value,
  BOOLEAN: (item, value) => item.kind === 'boolean' && item.value === value,
};

export const jsonArrayContains = scalarFunction(
  'JSON_ARRAY_CONTAINS',
  'JSON',
  'Whether a JSON array has an element of the same type and value; NULL is found as null.',
  [
    {
      parameters: [param('jsonArray', STRING), param('val', generic('T'))],
      returns: BOOLEAN,
      nullOnNull: false,
      bind: (types) => {
        const matches = types[1] ? MATCHERS[types[1].kind] : undefined;
        return ([text, value]) => {
          if (text === null) throw new Error('JSON_ARRAY_CONTAINS needs a JSON text, got NULL');
          const items = itemsOf(text as string);
          if (value === null) return items.some((item) => item.kind === 'null');
          return matches !== undefined && items.some((item) => matches(item, value as SqlValue));
        };
      },
    },
  ],
);

function itemsOf(text: string): readonly JsonNode[] {
  try {
    const node = parseJson(text);
    return node?.kind === 'array' ? node.items : [];
  } catch {
    return [];
  }
}
