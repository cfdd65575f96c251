import { KsqlError } from '../errors/sql-error.js';
import type { RegisteredSchema } from '../ports/schema-registry.js';
import { BareJsonReader, JsonRecordReader } from './json-record-reader.js';
import { parseJsonSchema, resolved, type JsonObject, type JsonType } from './json-sr/json-schema.js';
import { jsonSchemaText } from './json-sr/json-schema-text.js';
import { jsonFields, jsonSqlType } from './json-sr/json-schema-types.js';
import { jsonSchemaWriter } from './json-sr/json-schema-writer.js';
import { bareColumn, inferring, nameSpelling, requireTextKeys } from './registry-columns.js';
import type { RegistryCodec } from './registry-codec.js';
import { registryFormat } from './registry-serde.js';
import { isBare } from './serde-options.js';

const parse = ({ text, references }: RegisteredSchema): JsonType => parseJsonSchema(text, references);

/**
 * JSON_SR: JSON text behind the id of its schema. Reading asks the columns alone, as JSON does, since the text says itself what is where;
 * writing follows the schema: its names, what it requires, and how it spells maps.
 */
const codec: RegistryCodec = {
  schemaType: 'JSON',
  columnsOf: (schema, options) =>
    inferring(() => {
      const type = parse(schema);
      const nameOf = nameSpelling(options);
      if (options.isKey || options.info.wrapping === 'UNWRAP_SINGLES') {
        return { columns: [bareColumn(jsonSqlType(type, nameOf), options)], properties: {} };
      }
      const object = objectIn(type);
      return { columns: jsonFields(object.properties, nameOf, [object]), properties: {} };
    }),
  schemaOf: (options) => ({ type: 'JSON', text: jsonSchemaText(options.columns, isBare(options)), references: [] }),
  reader: (_schema, options) =>
    isBare(options)
      ? new BareJsonReader(options.columns, true)
      : new JsonRecordReader(options.columns, options.needed, true),
  writer: (schema, options) => jsonSchemaWriter(parse(schema), options.columns, isBare(options)),
};

function objectIn(type: JsonType): JsonObject {
  const actual = resolved(type);
  const branches = actual.kind === 'union' ? actual.branches.map(resolved) : [actual];
  const object = branches.find((branch): branch is JsonObject => branch.kind === 'object');
  if (object !== undefined) return object;
  throw new KsqlError(
    `The value schema is of the JSON type ${actual.kind}, not an object. Set WRAP_SINGLE_VALUE=false to read it as one column`,
  );
}

export const jsonSrFormat = registryFormat('JSON_SR', codec, ({ columns }) =>
  requireTextKeys(columns, 'JSON only supports MAP types with STRING keys'),
);
