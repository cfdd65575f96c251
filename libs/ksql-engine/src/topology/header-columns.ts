import type { Column } from '../catalog/schema.js';
import type { RecordHeader } from '../ports/record-header.js';
import type { WritableVector } from '../types/vector.js';
import type { Row, SqlValue } from '../types/sql-value.js';

type HeaderColumn = NonNullable<Column['header']>;

function headerValue(header: HeaderColumn, headers: readonly RecordHeader[]): SqlValue {
  if (header.kind === 'all') return headers.map(({ key, value }) => [key, value]);
  return headers.findLast(({ key }) => key === header.key)?.value ?? null;
}

/** Puts header columns among the value columns of a row; undefined when the schema has none. */
export function headerColumns(
  columns: readonly Column[],
): ((row: Row, headers: readonly RecordHeader[]) => Row) | undefined {
  if (!columns.some(({ header }) => header !== undefined)) return undefined;
  return (row, headers) => {
    let next = 0;
    return columns.map(({ header }) => (header === undefined ? (row[next++] ?? null) : headerValue(header, headers)));
  };
}

/** The same for one row of the vectors of all value columns; columns that are not needed are left alone. */
export function headerVectors(
  columns: readonly Column[],
  isNeeded: (column: number) => boolean,
): ((headers: readonly RecordHeader[], vectors: readonly WritableVector[], at: number) => void) | undefined {
  const wanted = columns.flatMap(({ header }, column) =>
    header === undefined || !isNeeded(column) ? [] : [{ header, column }],
  );
  if (wanted.length === 0) return undefined;
  return (headers, vectors, at) => {
    for (const { header, column } of wanted) (vectors[column] as WritableVector)[at] = headerValue(header, headers);
  };
}
