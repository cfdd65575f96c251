import type { SqlType, StructField } from '../../types/sql-type.js';
import { simpleName } from './avro-schema.js';

const NAMESPACE = 'io.confluent.ksql.avro_schemas';
const DEFAULT_NAME = `${NAMESPACE}.KsqlDataSourceSchema`;

/**
 * The schema of columns as ksqlDB writes it: every field may be null; a nested record is called after its outer one and its field.
 * @param isBare the only column is the whole value
 */
export function avroSchemaText(columns: readonly StructField[], isBare: boolean, fullName = DEFAULT_NAME): string {
  const writer = new SchemaWriter();
  const [only] = columns;
  const isOne = isBare && only !== undefined;
  return JSON.stringify(isOne ? writer.type(only.type, fullName, true) : writer.record(fullName, columns, true));
}

type Json = string | Readonly<Record<string, unknown>>;

class SchemaWriter {
  private readonly taken = new Set<string>();

  record(wanted: string, fields: readonly StructField[], isOutermost: boolean): Json {
    const fullName = this.free(wanted);
    const dot = fullName.lastIndexOf('.');
    return {
      type: 'record',
      name: simpleName(fullName),
      // A nested record is in the namespace of its outer one.
      ...(isOutermost && dot > 0 && { namespace: fullName.slice(0, dot) }),
      fields: fields.map((field) => ({
        name: field.name,
        type: ['null', this.type(field.type, `${fullName}_${field.name}`, false)],
        default: null,
      })),
      'connect.name': fullName,
    };
  }

  /** The field B of A and a field A_B want the same name for their records. */
  private free(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.taken.has(name); n++) name = `${wanted}_${n}`;
    this.taken.add(name);
    return name;
  }

  /** @param fullName what a record is called that the type needs */
  type(type: SqlType, fullName: string, isOutermost: boolean): Json {
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
        return { type: 'array', items: ['null', this.type(type.element, fullName, isOutermost)] };
      case 'MAP': {
        const parts = [
          { name: 'key', type: type.key },
          { name: 'value', type: type.value },
        ];
        const entry = this.record(fullName, parts, isOutermost) as object;
        return { type: 'array', items: { ...entry, 'connect.internal.type': 'MapEntry' } };
      }
      case 'STRUCT':
        return this.record(fullName, type.fields, isOutermost);
    }
  }
}

const logical = (type: string, name: string, logicalType: string): Json => ({
  type,
  'connect.version': 1,
  'connect.name': `org.apache.kafka.connect.data.${name}`,
  logicalType,
});
