import type { Row, SqlValue } from './sql-value.js';

/** One column of a batch: the value of each of its rows. */
export type Vector = readonly SqlValue[];
export type WritableVector = SqlValue[];

/**
 * A column with room for so many rows, all null. Filled at once, every vector has the same kind of elements in V8, so that the loops
 * over vectors see one kind only; an array that grows from nothing would have one kind per type and history.
 */
export function nullVector(size: number): WritableVector {
  // Live streams come one by one, and the call of `fill` is dear for one.
  return size === 1 ? [null] : new Array<SqlValue>(size).fill(null);
}

/** So many numbers, all the same. */
export function sameNumbers(size: number, value: number): number[] {
  return size === 1 ? [value] : new Array<number>(size).fill(value);
}

export function nullVectors(count: number, size: number): WritableVector[] {
  const vectors: WritableVector[] = [];
  for (let i = 0; i < count; i++) vectors.push(nullVector(size));
  return vectors;
}

/** One row across vectors, to be kept: made at its size, since an array that grows by `push` has room for sixteen more. */
export function rowAt(vectors: readonly Vector[], at: number): Row {
  const row = nullVector(vectors.length);
  for (let i = 0; i < vectors.length; i++) row[i] = (vectors[i] as Vector)[at] as SqlValue;
  return row;
}

/** Lays a row across vectors, the first column into the vector `first`. */
export function putRow(vectors: readonly WritableVector[], at: number, row: Row, first = 0): void {
  for (let i = 0; i < row.length; i++) (vectors[first + i] as WritableVector)[at] = row[i] as SqlValue;
}

/** Copies one row from vectors to others, the first column into the vector `first`. */
export function copyRow(
  from: readonly Vector[],
  fromAt: number,
  to: readonly WritableVector[],
  at: number,
  first = 0,
): void {
  for (let i = 0; i < from.length; i++) {
    (to[first + i] as WritableVector)[at] = (from[i] as Vector)[fromAt] as SqlValue;
  }
}
