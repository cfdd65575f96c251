import { comparatorOf, type Comparator } from '../types/compare.js';
import type { SqlType } from '../types/sql-type.js';

/** The natural order of a type; values of a type without one (ARRAY, MAP, STRUCT) fail when they are compared. */
export function naturalOrder(type: SqlType): Comparator {
  if (type.kind === 'ARRAY' || type.kind === 'MAP' || type.kind === 'STRUCT') {
    return () => {
      throw new Error(`values of type ${type.kind} have no order: use a field or an element of them`);
    };
  }
  return comparatorOf(type);
}
