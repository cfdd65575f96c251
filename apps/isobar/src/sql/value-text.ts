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

const NAMED_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A value as a cell of a table shows it: on one line, texts bare, control characters escaped. */
export function cellText(value: KsqlValue | undefined): string {
  if (value === null || value === undefined) return 'null';
  const text = typeof value === 'string' ? value : valueJson(value);
  return text.replace(/\p{Cc}/gu, escaped);
}

/** A value must not move the cursor or colour the terminal. */
const escaped = (sign: string): string =>
  NAMED_ESCAPES[sign] ?? `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
