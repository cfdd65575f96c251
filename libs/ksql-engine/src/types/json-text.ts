import { formatDate, formatTime, formatTimestamp } from './civil-date.js';
import { doubleToText } from './java-double.js';
import type { SqlType } from './sql-type.js';
import type { SqlArray, SqlMap, SqlValue } from './sql-value.js';
import { valueToText } from './value-to-text.js';

/**
 * A value as JSON text, as rows of the REST API show it: exact numbers (DECIMAL with its full scale, DOUBLE spelled as Java
 * does, NaN and infinities as text), BYTES in base64, DATE, TIME and TIMESTAMP as text, STRUCT and MAP as objects.
 */
export function jsonText(value: SqlValue, type: SqlType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'DOUBLE':
      return Number.isFinite(value) ? doubleToText(value as number) : `"${doubleToText(value as number)}"`;
    case 'STRING':
      return JSON.stringify(value);
    case 'BYTES':
      return `"${Buffer.from(value as Uint8Array).toString('base64')}"`;
    case 'DATE':
      return `"${formatDate(value as number)}"`;
    case 'TIME':
      return `"${formatTime(value as number)}"`;
    case 'TIMESTAMP':
      return `"${formatTimestamp(value as number)}"`;
    case 'ARRAY':
      return `[${(value as SqlArray).map((item) => jsonText(item, type.element)).join(',')}]`;
    case 'MAP':
      return `{${[...(value as SqlMap)]
        .map(([key, item]) => `${memberName(key, type.key)}:${jsonText(item, type.value)}`)
        .join(',')}}`;
    case 'STRUCT':
      return `{${type.fields
        .map((field, i) => `${JSON.stringify(field.name)}:${jsonText((value as SqlArray)[i] ?? null, field.type)}`)
        .join(',')}}`;
    default:
      return String(value as boolean | number | bigint);
  }
}

function memberName(key: SqlValue, type: SqlType): string {
  return JSON.stringify(key === null ? 'null' : valueToText(key, type));
}
