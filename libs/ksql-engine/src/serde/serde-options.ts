import type { FormatInfo } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import type { SchemaTable } from './schema-table.js';

/** What a serde is made for. */
export interface SerdeOptions {
  readonly columns: readonly Column[];
  readonly isKey: boolean;
  readonly info: FormatInfo;
  /** Columns whose values are wanted, by index; the others are left as they are on reading. Absent: all. */
  readonly needed?: readonly boolean[] | undefined;
  /** Where the schemas of the ids are that records bear, for formats that have them. Absent: that of `info` alone is known. */
  readonly schemas?: SchemaTable | undefined;
}

/** A single key column always stands bare; a single value column when asked to. */
export function isBare({ columns, isKey, info }: SerdeOptions): boolean {
  return columns.length === 1 && (isKey || info.wrapping === 'UNWRAP_SINGLES');
}
