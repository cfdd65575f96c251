import { isSystemColumn } from '../../catalog/system-columns.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { ColumnDeclaration } from '../../syntax/ast/statement.js';
import { quoteIdentifier } from '../../types/format-type.js';

/** A declared column bears no name of the record itself. */
export function requireUnreservedNames(columns: readonly { readonly name: string }[]): void {
  for (const { name } of columns) {
    if (isSystemColumn(name)) {
      throw new KsqlError(`'${name}' is a reserved column name. You cannot use it as a name for a column.`);
    }
  }
}

export function requireDistinctNames(columns: readonly ColumnDeclaration[]): void {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of columns) (seen.has(name) ? twice : seen).add(name);
  if (twice.size > 0) {
    throw new KsqlError(`Duplicate column names: ${[...twice].map(quoteIdentifier).join(', ')}`);
  }
}
