import { hashKey } from '../../../types/compare.js';
import type { SqlArray, SqlValue } from '../../../types/sql-value.js';

/** A set of SQL values of one type: NULL is a member like any other. */
export class ValueSet {
  readonly #keys = new Set<unknown>();

  constructor(values: SqlArray = []) {
    for (const value of values) this.#keys.add(hashKey(value));
  }

  has(value: SqlValue): boolean {
    return this.#keys.has(hashKey(value));
  }

  /** False when the value was there already. */
  add(value: SqlValue): boolean {
    const key = hashKey(value);
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    return true;
  }
}

/** The first of equal elements each, in order, of those that pass. */
export function distinct(values: SqlArray, isWanted: (value: SqlValue) => boolean = () => true): SqlValue[] {
  const seen = new ValueSet();
  return values.filter((value) => isWanted(value) && seen.add(value));
}
