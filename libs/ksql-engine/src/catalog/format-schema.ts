import { formatType, quoteIdentifier } from '../types/format-type.js';
import type { Column, Schema } from './schema.js';

/** A column as ksqlDB prints it in messages: `` `ID` INTEGER KEY``. */
export function formatColumn(column: Column, isKey: boolean): string {
  const suffix = isKey ? ' KEY' : headerSuffix(column);
  return `${quoteIdentifier(column.name)} ${formatType(column.type)}${suffix}`;
}

function headerSuffix(column: Column): string {
  if (column.header === undefined) return '';
  return column.header.kind === 'all' ? ' HEADERS' : ` HEADER('${column.header.key}')`;
}

/** Key columns first: `` `ID` INTEGER KEY, `NAME` STRING``. */
export function formatSchema(schema: Schema): string {
  return [
    ...schema.key.map((column) => formatColumn(column, true)),
    ...schema.value.map((column) => formatColumn(column, false)),
  ].join(', ');
}
