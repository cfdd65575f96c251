import type { FormatInfo, FormatName } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import type { Row } from '../types/sql-value.js';
import { createLocalSerde } from './formats.js';

/** Formats in which a NULL comes back as 0, '' or false. */
const FORGETS_NULLS: ReadonlySet<FormatName> = new Set<FormatName>(['PROTOBUF', 'PROTOBUF_NOSR']);

/** What a row of a table is to who reads it from its topic; rows of tables are the same wherever they are read. */
export function rowsAsRead(info: FormatInfo, columns: readonly Column[]): (row: Row) => Row {
  if (!FORGETS_NULLS.has(info.format) || 'nullableRepresentation' in info.properties) return (row) => row;
  const serde = createLocalSerde({ columns, isKey: false, info });
  return (row) => (row.includes(null) ? (serde.deserialize(serde.serialize(row)) ?? row) : row);
}
