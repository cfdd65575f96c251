import type { FormatInfo } from '../../catalog/data-source.js';
import { formatColumn } from '../../catalog/format-schema.js';
import type { Column } from '../../catalog/schema.js';
import { KsqlError } from '../../errors/sql-error.js';
import { RegistryRequiredError } from '../../errors/user-errors.js';
import { formatOf } from '../../serde/formats.js';

/** The format can carry these columns in this part. @throws KsqlError with format, columns and reason */
export function requireFormatSupport(part: 'Key' | 'Value', info: FormatInfo, columns: readonly Column[]): void {
  const isKey = part === 'Key';
  const columnsText = columns.map((column) => formatColumn(column, isKey)).join(', ');
  const unsupported = (reason: string): KsqlError =>
    new KsqlError(
      `${part} format does not support schema.\n` +
        `format: ${info.format}\n` +
        `schema: Persistence{columns=[${columnsText}], features=[${info.wrapping ?? ''}]}\n` +
        `reason: ${reason}`,
    );
  if (info.format === 'NONE') {
    if (columns.length === 0) return;
    throw unsupported(`The 'NONE' format can only be used when no columns are defined. Got: [${columnsText}]`);
  }
  if (columns.length === 0) return;
  try {
    formatOf(info).validate({ columns, isKey, info });
  } catch (error) {
    if (!(error instanceof KsqlError)) throw error;
    throw unsupported(error.message);
  }
}

/** Formats whose schemas live in a registry need one. @throws RegistryRequiredError */
export function requireRegistry(isConfigured: boolean, topic: string, ...formats: readonly FormatInfo[]): void {
  if (isConfigured) return;
  for (const info of formats) {
    if (formatOf(info).registry === undefined) continue;
    throw new RegistryRequiredError(
      `Cannot create topic '${topic}' with format ${info.format} without configuring 'ksql.schema.registry.url'`,
    );
  }
}
