import { comparatorOf, type Comparator } from '../../types/compare.js';
import type { SqlType } from '../../types/sql-type.js';

/** Aggregates order bytes as signed numbers, other than comparisons do; a prefix is less. */
function compareSignedBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (((a[i] as number) << 24) >> 24) - (((b[i] as number) << 24) >> 24);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The order of MIN, MAX and the TOPK family. */
export function orderOf(type: SqlType): Comparator {
  if (type.kind === 'BYTES') return (a, b) => compareSignedBytes(a as Uint8Array, b as Uint8Array);
  return comparatorOf(type);
}
