import type { SqlType } from '../../types/sql-type.js';
import type { TypeRef } from '../ast/expression.js';
import { printIdentifier } from './identifier.js';

/** A type as SQL text; names in it are quoted where needed. */
export function printType(type: TypeRef): string {
  switch (type.kind) {
    case 'builtin':
      return printSqlType(type.type);
    case 'custom':
      return printIdentifier(type.name);
    case 'array':
      return `ARRAY<${printType(type.element)}>`;
    case 'map':
      return `MAP<${printType(type.key)}, ${printType(type.value)}>`;
    case 'struct':
      return printFields(type.fields.map((field) => ({ name: field.name, type: printType(field.type) })));
  }
}

function printSqlType(type: SqlType): string {
  switch (type.kind) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${printSqlType(type.element)}>`;
    case 'MAP':
      return `MAP<${printSqlType(type.key)}, ${printSqlType(type.value)}>`;
    case 'STRUCT':
      return printFields(type.fields.map((field) => ({ name: field.name, type: printSqlType(field.type) })));
    default:
      return type.kind;
  }
}

function printFields(fields: readonly { name: string; type: string }[]): string {
  return `STRUCT<${fields.map(({ name, type }) => `${printIdentifier(name)} ${type}`).join(', ')}>`;
}
