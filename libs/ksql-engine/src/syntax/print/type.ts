import { formatTypeWith } from '../../types/format-type.js';
import type { TypeRef } from '../ast/expression.js';
import { printIdentifier } from './identifier.js';

/** A type as SQL text; names in it are quoted where needed. */
export function printType(type: TypeRef): string {
  switch (type.kind) {
    case 'builtin':
      return formatTypeWith(type.type, printIdentifier);
    case 'custom':
      return printIdentifier(type.name);
    case 'array':
      return `ARRAY<${printType(type.element)}>`;
    case 'map':
      return `MAP<${printType(type.key)}, ${printType(type.value)}>`;
    case 'struct':
      return `STRUCT<${type.fields.map((field) => `${printIdentifier(field.name)} ${printType(field.type)}`).join(', ')}>`;
  }
}
