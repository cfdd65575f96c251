import type { Parameter, ParameterType } from '../functions/function.js';
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

const SHORT: Partial<Record<SqlType['kind'], string>> = { INTEGER: 'INT', STRING: 'VARCHAR' };

/** `INT`, `ARRAY<T>`, `LAMBDA (K, V) => BOOLEAN`. */
export function formatParameterType(type: ParameterType): string {
  switch (type.kind) {
    case 'generic':
      return type.name;
    case 'any':
      return 'ANY';
    case 'decimalAny':
    case 'DECIMAL':
      return 'DECIMAL';
    case 'arrayOf':
    case 'ARRAY':
      return `ARRAY<${formatParameterType(type.element)}>`;
    case 'mapOf':
    case 'MAP':
      return `MAP<${formatParameterType(type.key)}, ${formatParameterType(type.value)}>`;
    case 'lambda':
      return `LAMBDA (${type.parameters.map(formatParameterType).join(', ')}) => ${formatParameterType(type.result)}`;
    case 'unit':
      return 'INTERVAL UNIT';
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => `${field.name} ${formatParameterType(field.type)}`).join(', ')}>`;
    default:
      return SHORT[type.kind] ?? type.kind;
  }
}
