import { BIGINT, mapType, STRING } from '../../types/sql-type.js';
import type { SqlMap, SqlValue } from '../../types/sql-value.js';
import type { BoundAggregate } from '../function.js';
import { param } from '../signature.js';
import { aggregateFunction, columnAggregate } from './aggregate-signature.js';

/** Further values are counted only if they have an entry already. */
const KEYS_MAX = 1000;

type Counts = ReadonlyMap<SqlValue, number>;

function changed(state: SqlMap, key: string, change: number): SqlMap {
  const counts = state as Counts;
  const count = (counts.get(key) ?? 0) + change;
  if (!counts.has(key) && (counts.size >= KEYS_MAX || change < 0)) return state;
  const next = new Map<SqlValue, SqlValue>(counts);
  if (count === 0) next.delete(key);
  else next.set(key, count);
  return next;
}

/** NULL is counted under the text `null`. */
const keyOf = (value: SqlValue | undefined): string => String(value ?? null);

const counts: BoundAggregate = {
  initial: () => new Map(),
  add: (state, args) => changed(state as SqlMap, keyOf(args[0]), 1),
  undo: (state, args) => changed(state as SqlMap, keyOf(args[0]), -1),
  merge: (a, b) => {
    let merged = a as SqlMap;
    for (const [key, count] of b as SqlMap) merged = changed(merged, key as string, count as number);
    return merged;
  },
  result: (state) => state,
};

export const histogram = aggregateFunction(
  'HISTOGRAM',
  'A map from each text to the number of its occurrences, for up to 1000 different texts.',
  [columnAggregate(param('val1', STRING), mapType(STRING, BIGINT), mapType(STRING, BIGINT), counts)],
);
