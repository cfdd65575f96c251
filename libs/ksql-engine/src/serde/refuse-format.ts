import { KsqlError } from '../errors/sql-error.js';
import type { SchemaType } from '../ports/schema-registry.js';
import type { Format } from './format.js';
import { registryFormat } from './registry-serde.js';

/** A format that has its place in the list but no codec yet. */
export function refusedFormat(name: Format['name'], schemaType: SchemaType): Format {
  const refuse = (): never => {
    throw new KsqlError(
      `Format '${name}' is not supported by this engine. Use JSON, DELIMITED, KAFKA or PROTOBUF_NOSR, or run the statement on a ksqlDB cluster with a schema registry.`,
    );
  };
  const codec = { schemaType, columnsOf: refuse, schemaOf: refuse, reader: refuse, writer: refuse };
  return { ...registryFormat(name, codec, refuse), createSerde: refuse };
}
