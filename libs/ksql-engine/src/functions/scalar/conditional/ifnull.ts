import type { SqlValue } from '../../../types/sql-value.js';
import { binary, firstKnown, generic, param, scalarFunction } from '../../signature.js';

export const ifnull = scalarFunction(
  'IFNULL',
  'CONDITIONAL',
  'The expression, or the second argument where it is NULL.',
  [
    binary(
      [param('expression', generic('T')), param('altValue', generic('T'))],
      firstKnown,
      (value: SqlValue, alternative: SqlValue) => value ?? alternative,
      { nullOnNull: false, returnsText: 'T', isFirstKnown: true },
    ),
  ],
);
