import { KsqlError, KsqlStatementError } from '../../errors/sql-error.js';
import type { ColumnDeclaration, SourceKind } from '../../syntax/ast/statement.js';
import { quoteIdentifier } from '../../types/format-type.js';
import { locationPrefix } from '../location.js';

const EXPLANATION =
  'Tables have PRIMARY KEYs, which are unique and NON NULL.\nStreams have KEYs, which have no uniqueness or NON NULL constraints.';

/** Streams have KEY columns, tables PRIMARY KEY columns. */
export function requireMatchingKeyKind(kind: SourceKind, columns: readonly ColumnDeclaration[]): void {
  const wrong = kind === 'STREAM' ? 'primaryKey' : 'key';
  const [used, wanted, what] = kind === 'STREAM' ? ['PRIMARY KEY', 'KEY', 'streams'] : ['KEY', 'PRIMARY KEY', 'tables'];
  for (const column of columns) {
    if (column.constraint.kind === wrong) {
      throw new KsqlStatementError(
        `${locationPrefix(column.location)}Column ${quoteIdentifier(column.name)} is a '${used}' column: please use '${wanted}' for ${what}.\n${EXPLANATION}`,
        quoteIdentifier(column.name),
      );
    }
  }
}

export function requirePrimaryKey(kind: SourceKind, columns: readonly ColumnDeclaration[]): void {
  if (kind === 'TABLE' && !columns.some((column) => column.constraint.kind === 'primaryKey')) {
    throw new KsqlError('Tables require a PRIMARY KEY. Please define the PRIMARY KEY.');
  }
}
