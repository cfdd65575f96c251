import type { WindowInfo } from '../../catalog/data-source.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { PropertyReader } from './property-reader.js';

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['MILLISECOND', 1],
  ['SECOND', 1000],
  ['MINUTE', 60_000],
  ['HOUR', 3_600_000],
  ['DAY', 86_400_000],
]);

/** `10 SECONDS` in ms. */
function parseDuration(text: string): number {
  const invalid = (reason: string): KsqlError =>
    new KsqlError(
      `Configuration WINDOW_SIZE is invalid: Invalid duration: '${text}'. ${reason}\nExample valid value: '10 SECONDS'`,
    );
  const parts = text.trim().split(/\s+/);
  const [amount, unit] = parts;
  if (parts.length !== 2 || amount === undefined || unit === undefined) {
    throw invalid('Expected format: <number> <time unit>');
  }
  const count = Number(amount);
  if (!Number.isInteger(count)) throw invalid(`Not numeric: '${amount}'`);
  const unitMs = UNIT_MS.get(unit.toUpperCase().replace(/S$/, ''));
  if (unitMs === undefined) throw invalid(`Unknown time unit: '${unit.toUpperCase()}'`);
  return count * unitMs;
}

/** WINDOW_TYPE and WINDOW_SIZE of a source whose record keys carry a window. */
export function readSourceWindow(reader: PropertyReader): WindowInfo | undefined {
  const typeText = reader.text('WINDOW_TYPE');
  const sizeText = reader.text('WINDOW_SIZE');
  const sizeMs = sizeText === undefined ? undefined : parseDuration(sizeText);
  if (typeText === undefined) {
    if (sizeMs !== undefined)
      throw new KsqlError("'WINDOW_SIZE' requires 'WINDOW_TYPE' to be provided in the WITH clause.");
    return undefined;
  }
  const type = typeText.toUpperCase();
  if (type === 'SESSION') {
    if (sizeMs !== undefined) throw new KsqlError("'WINDOW_SIZE' should not be set for SESSION windows.");
    return { type };
  }
  if (type !== 'TUMBLING' && type !== 'HOPPING') {
    throw new KsqlError(
      `Configuration WINDOW_TYPE is invalid: Invalid value ${typeText}: String must be one of: SESSION, HOPPING, TUMBLING, null`,
    );
  }
  if (sizeMs === undefined) {
    throw new KsqlError(
      `${type} windows require 'WINDOW_SIZE' to be provided in the WITH clause. For example: 'WINDOW_SIZE'='10 SECONDS'`,
    );
  }
  return { type, sizeMs };
}
