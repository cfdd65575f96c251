import { STRING } from '../../../types/sql-type.js';
import type { SqlMap } from '../../../types/sql-value.js';
import { binary, firstKnown, generic, mapOf, param, scalarFunction } from '../../signature.js';

export const mapUnion = scalarFunction(
  'MAP_UNION',
  'MAP',
  'The entries of both maps; of equal keys the second map wins. Of a NULL and a map, the map.',
  [
    binary(
      [param('map1', mapOf(STRING, generic('T'))), param('map2', mapOf(STRING, generic('T')))],
      firstKnown,
      (a: SqlMap | null, b: SqlMap | null) => (a === null ? b : b === null ? a : new Map([...a, ...b])),
      { nullOnNull: false, returnsText: 'MAP<VARCHAR, T>' },
    ),
  ],
);
