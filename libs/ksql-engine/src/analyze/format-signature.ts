import { formatParameterType } from '../functions/format-parameter.js';
import type { Parameter } from '../functions/function.js';
import type { SqlType } from '../types/sql-type.js';

/** An argument's type as messages about functions spell it: as `formatType`, but with bare field names. */
export function formatArgumentType(type: SqlType): string {
  switch (type.kind) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${formatArgumentType(type.element)}>`;
    case 'MAP':
      return `MAP<${formatArgumentType(type.key)}, ${formatArgumentType(type.value)}>`;
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => `${field.name} ${formatArgumentType(field.type)}`).join(', ')}>`;
    default:
      return type.kind;
  }
}

/** `VARCHAR input`, `T... others`. */
export function formatParameter({ name, type }: Parameter, isVariadic: boolean): string {
  return `${formatParameterType(type)}${isVariadic ? '...' : ''} ${name}`;
}
