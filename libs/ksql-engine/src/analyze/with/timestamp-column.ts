import type { TimestampColumn } from '../../catalog/data-source.js';
import type { Column } from '../../catalog/schema.js';
import { KsqlError } from '../../errors/sql-error.js';
import { PreparationError } from '../preparation-error.js';
import { quoteIdentifier } from '../../types/format-type.js';
import type { PropertyReader } from './property-reader.js';

/** Pattern letters of java.time.format.DateTimeFormatter. */
const PATTERN_LETTERS = new Set('GuyDMLQqdgYwWEecFaBhKkHmsSAnNVvzOXxZp');

function requirePattern(pattern: string): void {
  const bare = pattern.replaceAll("''", '').replaceAll(/'[^']*'/g, '');
  const invalid = (reason: string): KsqlError =>
    new PreparationError(
      `Failed to prepare statement: Invalid datetime format for config:TIMESTAMP_FORMAT, reason:${reason}`,
    );
  for (const letter of bare) {
    if (/[A-Za-z]/.test(letter) && !PATTERN_LETTERS.has(letter)) {
      throw invalid(`Unknown pattern letter: ${letter}`);
    }
    if (letter === '{' || letter === '}' || letter === '#')
      throw invalid(`Pattern includes reserved character: '${letter}'`);
  }
}

/** A column name in a WITH property: upper-cased unless back-quoted. */
export function parseColumnName(text: string): string {
  const quoted = /^([`"])(.*)\1$/.exec(text.trim());
  return quoted === null ? text.trim().toUpperCase() : (quoted[2] as string);
}

/** TIMESTAMP and TIMESTAMP_FORMAT: the column that gives the record time. */
export function readTimestampColumn(reader: PropertyReader, columns: readonly Column[]): TimestampColumn | undefined {
  const format = reader.text('TIMESTAMP_FORMAT');
  if (format !== undefined) requirePattern(format);
  const text = reader.text('TIMESTAMP');
  if (text === undefined) return undefined;
  const name = parseColumnName(text);
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    throw new KsqlError(`The TIMESTAMP column set in the WITH clause does not exist in the schema: '${name}'`);
  }
  switch (column.type.kind) {
    case 'STRING':
      if (format === undefined) {
        throw new KsqlError('A String timestamp field has been specified without also specifying the timestamp_format');
      }
      return { name, format };
    case 'BIGINT':
    case 'TIMESTAMP':
      if (format !== undefined) {
        throw new KsqlError(
          "'TIMESTAMP_FORMAT' set in the WITH clause can only be used when the timestamp column is of type STRING.",
        );
      }
      return { name };
    default:
      throw new KsqlError(
        `Timestamp column, ${quoteIdentifier(name)}, should be LONG(INT64), TIMESTAMP, or a String with a timestamp_format specified.`,
      );
  }
}
