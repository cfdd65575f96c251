import type { SqlType, StructField } from '../../types/sql-type.js';
import { CONNECT_TITLES } from './json-schema-types.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * The schema of columns as ksqlDB writes it: every field may be null and tells its place.
 * @param isBare the only column is the whole value
 */
export function jsonSchemaText(columns: readonly StructField[], isBare: boolean): string {
  const [only] = columns;
  return JSON.stringify(isBare && only !== undefined ? nullable(typeOf(only.type)) : objectOf(columns));
}

const nullable = (type: Json): Json => ({ oneOf: [{ type: 'null' }, type] });

const objectOf = (fields: readonly StructField[]): Json => ({
  type: 'object',
  properties: Object.fromEntries(
    fields.map((field, i) => [field.name, { 'connect.index': i, ...nullable(typeOf(field.type)) }]),
  ),
});

function typeOf(type: SqlType): Json {
  switch (type.kind) {
    case 'BOOLEAN':
      return { type: 'boolean', 'connect.type': 'boolean' };
    case 'INTEGER':
      return { type: 'integer', 'connect.type': 'int32' };
    case 'BIGINT':
      return { type: 'integer', 'connect.type': 'int64' };
    case 'DOUBLE':
      return { type: 'number', 'connect.type': 'float64' };
    case 'STRING':
      return { type: 'string', 'connect.type': 'string' };
    case 'BYTES':
      return { type: 'string', 'connect.type': 'bytes' };
    case 'DATE':
      return { type: 'integer', title: CONNECT_TITLES.DATE, 'connect.version': 1, 'connect.type': 'int32' };
    case 'TIME':
      return { type: 'integer', title: CONNECT_TITLES.TIME, 'connect.version': 1, 'connect.type': 'int32' };
    case 'TIMESTAMP':
      return { type: 'integer', title: CONNECT_TITLES.TIMESTAMP, 'connect.version': 1, 'connect.type': 'int64' };
    case 'DECIMAL':
      return {
        type: 'number',
        title: CONNECT_TITLES.DECIMAL,
        'connect.version': 1,
        'connect.parameters': { scale: String(type.scale), 'connect.decimal.precision': String(type.precision) },
        'connect.type': 'bytes',
      };
    case 'ARRAY':
      return { type: 'array', items: nullable(typeOf(type.element)) };
    case 'MAP': {
      const entry = objectOf([
        { name: 'key', type: type.key },
        { name: 'value', type: type.value },
      ]);
      return { type: 'array', items: entry, 'connect.type': 'map' };
    }
    case 'STRUCT':
      return objectOf(type.fields);
  }
}
