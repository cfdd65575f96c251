import type { Column } from '../../catalog/schema.js';
import { KsqlError } from '../../errors/sql-error.js';
import { formatType, quoteIdentifier } from '../../types/format-type.js';
import type { SqlType } from '../../types/sql-type.js';

function containsMap(type: SqlType): boolean {
  switch (type.kind) {
    case 'MAP':
      return true;
    case 'ARRAY':
      return containsMap(type.element);
    case 'STRUCT':
      return type.fields.some((field) => containsMap(field.type));
    default:
      return false;
  }
}

/** No key column is or holds a MAP: its bytes have no one order. */
export function requireNoMapKeys(keys: readonly Column[]): void {
  for (const { name, type } of keys) {
    if (containsMap(type)) {
      throw new KsqlError(
        `Map keys, including types that contain maps, are not supported as they may lead to unexpected behavior due to inconsistent serialization. Key column name: ${quoteIdentifier(name)}. Column type: ${formatType(type)}. See https://github.com/confluentinc/ksql/issues/6621 for more.`,
      );
    }
  }
}
