import { arrayType, STRING } from '../../../types/sql-type.js';
import { inHashOrder } from '../../../types/map-order.js';
import type { SqlMap } from '../../../types/sql-value.js';
import { generic, mapOf, param, scalarFunction, unary } from '../../signature.js';

export const mapKeys = scalarFunction('MAP_KEYS', 'MAP', 'The keys, in no particular order.', [
  unary(param('input', mapOf(STRING, generic('T'))), arrayType(STRING), (map: SqlMap) =>
    inHashOrder(map).map(([key]) => key),
  ),
]);
