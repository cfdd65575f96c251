import { must } from '../../../errors/assert.js';
import { arrayType, STRING, type SqlType } from '../../../types/sql-type.js';
import { inHashOrder } from '../../../types/map-order.js';
import type { SqlMap } from '../../../types/sql-value.js';
import { generic, mapOf, param, scalarFunction, unary } from '../../signature.js';

function valueArray(types: readonly (SqlType | null)[]): SqlType {
  const map = must(types[0], 'type of the map');
  if (map.kind !== 'MAP') throw new Error(`not a MAP: ${map.kind}`);
  return arrayType(map.value);
}

export const mapValues = scalarFunction('MAP_VALUES', 'MAP', 'The values, in no particular order.', [
  unary(
    param('input', mapOf(STRING, generic('T'))),
    valueArray,
    (map: SqlMap) => inHashOrder(map).map(([, value]) => value),
    {
      returnsText: 'ARRAY<T>',
    },
  ),
]);
