import type { Column } from '../catalog/schema.js';
import { KsqlError } from '../errors/sql-error.js';
import type { StructField } from '../types/sql-type.js';
import { avroRecordReader } from './avro/avro-decoder.js';
import { avroRecordWriter } from './avro/avro-encoder.js';
import { parseAvroSchema, type AvroType } from './avro/avro-schema.js';
import { avroSchemaText } from './avro/avro-schema-text.js';
import { sqlTypeOf, structFields } from './avro/avro-types.js';
import { bareColumn, inferring, nameSpelling, requireTextKeys } from './registry-columns.js';
import type { RegistryCodec } from './registry-codec.js';
import { registryFormat } from './registry-serde.js';
import { isBare } from './serde-options.js';
import type { RegisteredSchema } from '../ports/schema-registry.js';

const parse = ({ text, references }: RegisteredSchema): AvroType => parseAvroSchema(text, references);

/** AVRO as Kafka Connect writes it: a record per value; a single key column, or a value that is not wrapped, is whatever type it has. */
const codec: RegistryCodec = {
  schemaType: 'AVRO',
  columnsOf: (schema, options) =>
    inferring(() => {
      const type = parse(schema);
      const nameOf = nameSpelling(options);
      if (options.isKey || options.info.wrapping === 'UNWRAP_SINGLES') {
        return { columns: [bareColumn(sqlTypeOf(type, nameOf), options)], properties: {} };
      }
      const record = type.kind === 'union' ? type.branches.find(({ kind }) => kind === 'record') : type;
      if (record?.kind !== 'record') {
        throw new KsqlError(
          `The value schema is of the Avro type ${type.kind}, not a record. Set WRAP_SINGLE_VALUE=false to read it as one column`,
        );
      }
      return { columns: structFields(record.fields, nameOf, [record]), properties: {} };
    }),
  schemaOf: (options) => ({
    type: 'AVRO',
    text: avroSchemaText(options.columns, isBare(options), options.info.properties['fullSchemaName']),
    references: [],
  }),
  reader: (schema, options) => avroRecordReader(parse(schema), options.columns, isBare(options), options.needed),
  writer: (schema, options) => avroRecordWriter(parse(schema), options.columns, isBare(options)),
};

const FULL_NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

export const avroFormat = registryFormat('AVRO', codec, (options) => {
  const { columns, info } = options;
  requireTextKeys(columns, 'Avro only supports MAPs with STRING keys');
  if (!isBare(options)) requireNames(columns);
  else for (const column of columns) requireNestedNames(column);
  const name = info.properties['fullSchemaName'];
  if (name !== undefined && !FULL_NAME.test(name)) {
    throw new KsqlError(
      `'${name}' is no name of an Avro schema: names in it begin with a letter or _, and have digits besides`,
    );
  }
});

const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Avro has letters, digits and underscores in its names. */
function requireNames(fields: readonly (Column | StructField)[]): void {
  for (const field of fields) {
    if (!FIELD_NAME.test(field.name)) {
      throw new KsqlError(`Schema is not compatible with Avro: Illegal character in: ${field.name}`);
    }
    requireNestedNames(field);
  }
}

function requireNestedNames({ type }: StructField): void {
  if (type.kind === 'STRUCT') requireNames(type.fields);
  else if (type.kind === 'ARRAY') requireNestedNames({ name: '', type: type.element });
  else if (type.kind === 'MAP') requireNestedNames({ name: '', type: type.value });
}
