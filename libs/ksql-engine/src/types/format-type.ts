import type { SqlType } from './sql-type.js';

/** A type as SQL text: `INTEGER`, `DECIMAL(4, 2)`, ``STRUCT<`A` INTEGER, `B` ARRAY<STRING>>``. */
export function formatType(type: SqlType): string {
  switch (type.kind) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${formatType(type.element)}>`;
    case 'MAP':
      return `MAP<${formatType(type.key)}, ${formatType(type.value)}>`;
    case 'STRUCT':
      if (type.fields.length === 0) return 'STRUCT< >';
      return `STRUCT<${type.fields.map((field) => `${quoteIdentifier(field.name)} ${formatType(field.type)}`).join(', ')}>`;
    default:
      return type.kind;
  }
}

/** In back-quotes, doubled inside. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
