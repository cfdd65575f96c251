import { withInvisibleEscaped } from '@isobar/contracts';
import type { KsqlValue } from '@isobar/ksql-client';

/** JSON of a value; a BIGINT beyond the exact numbers of JavaScript keeps all its digits. */
export function valueJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(valueJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, field]) => `${JSON.stringify(name)}:${valueJson(field)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** A value as a cell of a table shows it: on one line, texts bare, signs that nobody sees escaped. */
export function cellText(value: KsqlValue | undefined): string {
  if (value === null || value === undefined) return 'null';
  const text = typeof value === 'string' ? value : valueJson(value);
  return withInvisibleEscaped(text);
}
