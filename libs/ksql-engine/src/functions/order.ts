import { comparatorOf, type Comparator } from '../types/compare.js';
import type { SqlType } from '../types/sql-type.js';
import type { SqlMap, SqlValue } from '../types/sql-value.js';

/** The natural order of a type; values of a type without one (ARRAY, MAP, STRUCT) fail when they are compared. */
export function naturalOrder(type: SqlType): Comparator {
  if (type.kind === 'ARRAY' || type.kind === 'MAP' || type.kind === 'STRUCT') {
    return () => {
      throw new Error(`values of type ${type.kind} have no order: use a field or an element of them`);
    };
  }
  return comparatorOf(type);
}

/** The entries of a map by the text of their keys: the order in memory depends on where the map comes from. */
export function inKeyOrder(map: SqlMap): readonly (readonly [SqlValue, SqlValue])[] {
  const entries = [...map];
  if (entries.length < 2) return entries;
  return entries.sort(([a], [b]) => {
    const [left, right] = [String(a), String(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
}
