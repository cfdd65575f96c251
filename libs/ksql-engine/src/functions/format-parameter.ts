import type { ParameterType } from './function.js';

/** A parameter's type as DESCRIBE FUNCTION shows it: `INT`, `VARCHAR`, `ARRAY<T>`, `LAMBDA (T) => U`. */
export function formatParameterType(type: ParameterType): string {
  switch (type.kind) {
    case 'INTEGER':
      return 'INT';
    case 'STRING':
      return 'VARCHAR';
    case 'DECIMAL':
    case 'decimalAny':
      return 'DECIMAL';
    case 'generic':
      return type.name;
    case 'any':
      return 'ANY';
    case 'unit':
      return 'INTERVAL UNIT';
    case 'ARRAY':
    case 'arrayOf':
      return `ARRAY<${formatParameterType(type.element)}>`;
    case 'MAP':
    case 'mapOf':
      return `MAP<${formatParameterType(type.key)}, ${formatParameterType(type.value)}>`;
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => `${field.name} ${formatParameterType(field.type)}`).join(', ')}>`;
    case 'lambda':
      return `LAMBDA (${type.parameters.map(formatParameterType).join(', ')}) => ${formatParameterType(type.result)}`;
    default:
      return type.kind;
  }
}
