import type { Column } from '../catalog/schema.js';
import type { RecordHeader } from '../operators/record.js';
import type { Row, SqlValue } from '../types/sql-value.js';

/** Puts header columns among the value columns of a row; undefined when the schema has none. */
export function headerColumns(
  columns: readonly Column[],
): ((row: Row, headers: readonly RecordHeader[]) => Row) | undefined {
  if (!columns.some(({ header }) => header !== undefined)) return undefined;
  return (row, headers) => {
    let next = 0;
    return columns.map(({ header }): SqlValue => {
      if (header === undefined) return row[next++] ?? null;
      if (header.kind === 'all') return headers.map(({ key, value }) => [key, value]);
      return headers.findLast(({ key }) => key === header.key)?.value ?? null;
    });
  };
}
