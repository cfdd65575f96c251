import { aggregateFunction } from '../../src/functions/aggregate/aggregate-signature.js';
import type { AggregateFunction, AggregateOverload } from '../../src/functions/function.js';
import { param } from '../../src/functions/signature.js';
import { BIGINT, INTEGER, STRING } from '../../src/types/sql-type.js';
import { sumWithLengths, totalLength } from './text-lengths.js';

/** Constants cannot repeat, so there is one overload for each number of them. */
const CONSTANT_TEXTS_MAX = 8;

/** A number and `textColumns` texts are summed up, from the constant number and the lengths of the constant texts on. */
function severalColumns(name: string, textColumns: number): AggregateFunction {
  const columns = [
    param('val1', BIGINT),
    ...Array.from({ length: textColumns }, (_, i) => param(`val${i + 2}`, STRING)),
  ];
  return aggregateFunction(
    name,
    'Sums several columns from constants on.',
    Array.from({ length: CONSTANT_TEXTS_MAX + 1 }, (_, count): AggregateOverload => ({
      parameters: [
        ...columns,
        param('initial', INTEGER),
        ...Array.from({ length: count }, (__, i) => param(`text${i + 1}`, STRING)),
      ],
      constantCount: count + 1,
      returns: () => BIGINT,
      stateType: () => BIGINT,
      bind: (_types, [initial, ...texts]) => sumWithLengths((initial as number) + totalLength(texts), 0),
    })),
  );
}

export const multiArg = severalColumns('MULTI_ARG', 1);
export const fourArg = severalColumns('FOUR_ARG', 3);
export const fiveArg = severalColumns('FIVE_ARG', 4);
