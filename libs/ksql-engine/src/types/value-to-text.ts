import { inHashOrder } from './map-order.js';
import { formatDate, formatTime, formatTimeOfDay, formatTimestamp, MS_PER_DAY } from './civil-date.js';
import { doubleToText } from './java-double.js';
import type { SqlType } from './sql-type.js';
import type { SqlArray, SqlMap, SqlValue } from './sql-value.js';

/**
 * CAST to STRING of a value that is not null: numbers as Java spells them, DATE `2023-03-26`, TIME `12:30:15` (`12:30` when the
 * seconds are zero), TIMESTAMP `2023-03-26T00:59:59.999` in UTC, `[1, 2]`, `{a=1, b=null}`, `Struct{A=1,B=x}` (null fields are
 * left out).
 */
export function valueToText(value: NonNullable<SqlValue>, type: SqlType): string {
  switch (type.kind) {
    case 'DOUBLE':
      return doubleToText(value as number);
    case 'DATE':
      return formatDate(value as number);
    case 'TIME':
      return formatTime(value as number);
    case 'TIMESTAMP':
      return formatTimestamp(value as number);
    case 'BYTES':
      return Buffer.from(value as Uint8Array).toString('base64');
    case 'ARRAY':
      return `[${(value as SqlArray).map((item) => nestedText(item, type.element)).join(', ')}]`;
    case 'MAP':
      return `{${inHashOrder(value as SqlMap)
        .map(([key, item]) => `${nestedText(key, type.key)}=${nestedText(item, type.value)}`)
        .join(', ')}}`;
    case 'STRUCT':
      return `Struct{${type.fields
        .map((field, i) => ({ name: field.name, type: field.type, value: (value as SqlArray)[i] ?? null }))
        .filter((field) => field.value !== null)
        .map((field) => `${field.name}=${nestedText(field.value, field.type)}`)
        .join(',')}}`;
    default:
      return String(value as boolean | number | bigint | string);
  }
}

/** Inside a container a TIMESTAMP is `2023-03-26 00:59:59.999` (at least one fraction digit) and a TIME has its seconds. */
function nestedText(value: SqlValue, type: SqlType): string {
  if (value === null) return 'null';
  if (type.kind === 'TIMESTAMP') {
    const epochMs = value as number;
    const msOfDay = epochMs - Math.floor(epochMs / MS_PER_DAY) * MS_PER_DAY;
    const fraction = String(msOfDay % 1000)
      .padStart(3, '0')
      .replace(/0{1,2}$/, '');
    return `${formatDate(Math.floor(epochMs / MS_PER_DAY))} ${formatTimeOfDay(msOfDay)}.${fraction}`;
  }
  if (type.kind === 'TIME') return formatTimeOfDay(value as number);
  return valueToText(value, type);
}
