import { KsqlError } from '../errors/sql-error.js';
import type { TypeRef } from '../syntax/ast/expression.js';
import { arrayType, mapType, structType, type SqlType } from '../types/sql-type.js';

/** The type that a written type means. @throws KsqlError for a name that is no custom type, and for a field named twice */
export function resolveType(type: TypeRef, customTypes: ReadonlyMap<string, SqlType>): SqlType {
  switch (type.kind) {
    case 'builtin':
      return type.type;
    case 'custom': {
      const custom = customTypes.get(type.name);
      if (custom === undefined) throw new KsqlError(`Cannot resolve unknown type: ${type.name}`);
      return custom;
    }
    case 'array':
      return arrayType(resolveType(type.element, customTypes));
    case 'map':
      return mapType(resolveType(type.key, customTypes), resolveType(type.value, customTypes));
    case 'struct':
      return structType(type.fields.map(({ name, type: field }) => ({ name, type: resolveType(field, customTypes) })));
  }
}
