import type { BoundAggregate } from '../../src/functions/function.js';
import { addInt64, type Int64 } from '../../src/types/integer-math.js';
import type { SqlArray } from '../../src/types/sql-value.js';

/** The first column, plus the lengths of all texts behind it; NULL counts 0. `initial` and `extra` come from constants. */
export function sumWithLengths(initial: number, extra: number): BoundAggregate {
  return {
    initial: () => initial,
    add: (state, [value, ...texts]) =>
      addInt64(addInt64(state as Int64, (value as Int64 | null) ?? 0), totalLength(texts)),
    merge: (a, b) => addInt64(a as Int64, b as Int64),
    result: (state) => addInt64(state as Int64, extra),
  };
}

export function totalLength(texts: SqlArray): number {
  return texts.reduce<number>((sum, text) => sum + ((text as string | null)?.length ?? 0), 0);
}
