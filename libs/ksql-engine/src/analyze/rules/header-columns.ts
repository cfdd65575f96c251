import { KsqlError } from '../../errors/sql-error.js';
import type { ColumnDeclaration } from '../../syntax/ast/statement.js';
import { formatType } from '../../types/format-type.js';
import { arrayType, BYTES, sameType, STRING, structType, type SqlType } from '../../types/sql-type.js';

const ALL_HEADERS = arrayType(
  structType([
    { name: 'KEY', type: STRING },
    { name: 'VALUE', type: BYTES },
  ]),
);

/** One HEADERS column of its exact type, or any number of HEADER('key') columns of type BYTES, each key once. */
export function requireValidHeaderColumns(
  columns: readonly (ColumnDeclaration & { readonly sqlType: SqlType })[],
): void {
  let whole = 0;
  const keys = new Set<string>();
  for (const { constraint, sqlType } of columns) {
    if (constraint.kind === 'headers') {
      if (!sameType(sqlType, ALL_HEADERS)) {
        throw new KsqlError(
          `Invalid type for HEADERS column: expected ${formatType(ALL_HEADERS)}, got ${formatType(sqlType)}`,
        );
      }
      whole += 1;
    } else if (constraint.kind === 'header') {
      if (sqlType.kind !== 'BYTES') {
        throw new KsqlError(
          `Invalid type for HEADER('${constraint.key}') column: expected BYTES, got ${formatType(sqlType)}`,
        );
      }
      if (keys.has(constraint.key)) {
        throw new KsqlError(`Schema already contains a HEADER('${constraint.key}') column.`);
      }
      keys.add(constraint.key);
    }
    if (whole > 1) throw new KsqlError('Schema already contains a HEADERS column.');
    if (whole > 0 && keys.size > 0) throw new KsqlError('Schema already contains a HEADERS column.');
  }
}
