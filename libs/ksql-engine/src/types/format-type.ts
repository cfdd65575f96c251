import type { SqlType } from './sql-type.js';

/** A type as SQL text: `INTEGER`, `DECIMAL(4, 2)`, ``STRUCT<`A` INTEGER, `B` ARRAY<STRING>>``. */
export const formatType = (type: SqlType): string => formatTypeWith(type, quoteIdentifier);

/** The same, with the names of fields spelled in another way. */
export function formatTypeWith(type: SqlType, formatName: (name: string) => string): string {
  const format = (part: SqlType): string => formatTypeWith(part, formatName);
  switch (type.kind) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${format(type.element)}>`;
    case 'MAP':
      return `MAP<${format(type.key)}, ${format(type.value)}>`;
    case 'STRUCT':
      if (type.fields.length === 0) return 'STRUCT< >';
      return `STRUCT<${type.fields.map((field) => `${formatName(field.name)} ${format(field.type)}`).join(', ')}>`;
    default:
      return type.kind;
  }
}

/** In back-quotes, doubled inside. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
