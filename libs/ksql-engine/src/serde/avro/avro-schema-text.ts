import type { SqlType, StructField } from '../../types/sql-type.js';
import { simpleName } from './avro-schema.js';

const NAMESPACE = 'io.confluent.ksql.avro_schemas';
const DEFAULT_NAME = `${NAMESPACE}.KsqlDataSourceSchema`;

/**
 * The schema of columns as ksqlDB writes it: every field may be null; a nested record is called after its outer one and its field.
 * @param isBare the only column is the whole value
 */
export function avroSchemaText(columns: readonly StructField[], isBare: boolean, fullName = DEFAULT_NAME): string {
  const [only] = columns;
  const json = isBare && only !== undefined ? typeOf(only.type, fullName) : recordOf(fullName, columns, true);
  return JSON.stringify(json);
}

type Json = string | Readonly<Record<string, unknown>>;

function recordOf(fullName: string, fields: readonly StructField[], isOutermost: boolean): Json {
  const dot = fullName.lastIndexOf('.');
  const name = simpleName(fullName);
  return {
    type: 'record',
    name,
    // A nested record is in the namespace of its outer one.
    ...(isOutermost && dot > 0 && { namespace: fullName.slice(0, dot) }),
    fields: fieldsOf(fullName, fields),
    'connect.name': fullName,
  };
}

const fieldsOf = (fullName: string, fields: readonly StructField[]): readonly Json[] =>
  fields.map((field) => ({
    name: field.name,
    type: ['null', typeOf(field.type, `${fullName}_${field.name}`, false)],
    default: null,
  }));

/** @param fullName what a record is called that the type needs */
function typeOf(type: SqlType, fullName: string, isOutermost = true): Json {
  switch (type.kind) {
    case 'BOOLEAN':
      return 'boolean';
    case 'INTEGER':
      return 'int';
    case 'BIGINT':
      return 'long';
    case 'DOUBLE':
      return 'double';
    case 'STRING':
      return 'string';
    case 'BYTES':
      return 'bytes';
    case 'DATE':
      return logical('int', 'Date', 'date');
    case 'TIME':
      return logical('int', 'Time', 'time-millis');
    case 'TIMESTAMP':
      return logical('long', 'Timestamp', 'timestamp-millis');
    case 'DECIMAL':
      return {
        type: 'bytes',
        scale: type.scale,
        precision: type.precision,
        'connect.version': 1,
        'connect.parameters': { scale: String(type.scale), 'connect.decimal.precision': String(type.precision) },
        'connect.name': 'org.apache.kafka.connect.data.Decimal',
        logicalType: 'decimal',
      };
    case 'ARRAY':
      return { type: 'array', items: ['null', typeOf(type.element, fullName, isOutermost)] };
    case 'MAP': {
      const entry = recordOf(
        fullName,
        [
          { name: 'key', type: type.key },
          { name: 'value', type: type.value },
        ],
        isOutermost,
      );
      return { type: 'array', items: { ...(entry as object), 'connect.internal.type': 'MapEntry' } };
    }
    case 'STRUCT':
      return recordOf(fullName, type.fields, isOutermost);
  }
}

const logical = (type: string, name: string, logicalType: string): Json => ({
  type,
  'connect.version': 1,
  'connect.name': `org.apache.kafka.connect.data.${name}`,
  logicalType,
});
