import { arrayType, BIGINT, structType, type SqlType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import { valuesEqual } from '../../types/compare.js';
import type { BoundAggregate } from '../function.js';
import { generic, param } from '../signature.js';
import { aggregateFunction, firstArgument } from './aggregate-signature.js';

/** Each different value, NULL too, with the number of its rows, so that rows can be taken back. */
type Occurrence = readonly [value: SqlValue, count: number];

const occurrencesType = (types: readonly SqlType[]) =>
  arrayType(
    structType([
      { name: 'VAL', type: firstArgument(types) },
      { name: 'COUNT', type: BIGINT },
    ]),
  );

function changed(occurrences: readonly Occurrence[], value: SqlValue, change: number): readonly Occurrence[] {
  const at = occurrences.findIndex(([candidate]) => valuesEqual(candidate, value));
  const current = occurrences[at];
  if (current === undefined) return change > 0 ? [...occurrences, [value, change]] : occurrences;
  const count = current[1] + change;
  return count > 0 ? occurrences.with(at, [value, count]) : occurrences.filter((_, i) => i !== at);
}

const commonValue: BoundAggregate = {
  initial: () => [],
  add: (state, args) => changed(state as readonly Occurrence[], args[0] as SqlValue, 1),
  undo: (state, args) => changed(state as readonly Occurrence[], args[0] as SqlValue, -1),
  merge: (a, b) =>
    (b as readonly Occurrence[]).reduce(
      (merged, [value, count]) => changed(merged, value, count),
      a as readonly Occurrence[],
    ),
  result: (state) => {
    const occurrences = state as readonly Occurrence[];
    return occurrences.length === 1 ? (occurrences[0] as Occurrence)[0] : null;
  },
};

export const attr = aggregateFunction('ATTR', 'The value that all rows of the group have, or NULL where they differ.', [
  {
    parameters: [param('val1', generic('T'))],
    constantCount: 0,
    returns: firstArgument,
    returnsText: 'T',
    stateType: occurrencesType,
    bind: () => commonValue,
  },
]);
