import type { FormatName } from '../catalog/data-source.js';
import { KsqlError } from '../errors/sql-error.js';

/** For formats that have their place in the list but no codec. */
export function refuseFormat(name: FormatName): never {
  throw new KsqlError(
    `Format '${name}' is not supported by this engine. Use JSON, DELIMITED, KAFKA or PROTOBUF_NOSR, or run the statement on a ksqlDB cluster with a schema registry.`,
  );
}
