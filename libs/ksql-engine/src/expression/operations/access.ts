import { mapGet } from '../../types/compare.js';
import type { SqlArray, SqlMap, SqlValue } from '../../types/sql-value.js';

/** 1-based, negative from the end; null outside. */
export function elementAt(array: SqlArray, index: number): SqlValue {
  return (index > 0 ? array[index - 1] : index < 0 ? array[array.length + index] : null) ?? null;
}

export function valueAt(map: SqlMap, key: SqlValue): SqlValue {
  return mapGet(map, key) ?? null;
}
