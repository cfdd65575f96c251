import type { FormatInfo } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import { KsqlError } from '../errors/sql-error.js';
import { keyWrapping, readFormatName } from '../analyze/with/format-properties.js';
import { formatOf } from '../serde/formats.js';

/**
 * The key format of an internal topic: the source's, but JSON where that cannot carry the columns, and the default for a
 * source that has no key at all.
 */
export function sanitizeKeyFormat(
  source: FormatInfo,
  columns: readonly Column[],
  property: (name: string) => string | undefined,
): FormatInfo {
  if (columns.length === 0) return { format: 'NONE', properties: {} };
  const preferred: FormatInfo =
    source.format === 'NONE'
      ? { format: readFormatName(property('ksql.persistence.default.format.key') ?? 'KAFKA'), properties: {} }
      : source;
  const format = canCarry(preferred, columns) ? preferred : { format: 'JSON' as const, properties: {} };
  const wrapping = keyWrapping(format.format, columns.length);
  return { format: format.format, properties: format.properties, ...(wrapping === undefined ? {} : { wrapping }) };
}

function canCarry(info: FormatInfo, columns: readonly Column[]): boolean {
  try {
    formatOf(info).validate({ columns, isKey: true, info });
    return true;
  } catch (error) {
    if (error instanceof KsqlError) return false;
    throw error;
  }
}
