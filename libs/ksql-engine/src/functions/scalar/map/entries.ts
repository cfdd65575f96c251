import {
  arrayType,
  BIGINT,
  BOOLEAN,
  DOUBLE,
  INTEGER,
  mapType,
  STRING,
  structType,
  type SqlType,
} from '../../../types/sql-type.js';
import { inHashOrder } from '../../../types/map-order.js';
import type { SqlMap, SqlValue } from '../../../types/sql-value.js';
import { inKeyOrder } from '../../order.js';
import { binary, param, scalarFunction } from '../../signature.js';

function toEntries(map: SqlMap, isSorted: boolean): SqlValue {
  return isSorted ? inKeyOrder(map) : inHashOrder(map);
}

const entryArray = (value: SqlType) =>
  arrayType(
    structType([
      { name: 'K', type: STRING },
      { name: 'V', type: value },
    ]),
  );

export const entries = scalarFunction(
  'ENTRIES',
  'MAP',
  'The entries as an array of structs with the fields K and V, sorted by key if asked for.',
  [STRING, BIGINT, INTEGER, DOUBLE, BOOLEAN].map((value) =>
    binary([param('map', mapType(STRING, value)), param('sorted', BOOLEAN)], entryArray(value), toEntries),
  ),
);
