import { mapType, STRING } from '../../../types/sql-type.js';
import type { SqlArray } from '../../../types/sql-value.js';
import { elementType } from '../array/element.js';
import { arrayOf, binary, generic, param, scalarFunction } from '../../signature.js';

export const asMap = scalarFunction('AS_MAP', 'MAP', 'A map from an array of keys and an array of their values.', [
  binary(
    [param('keys', arrayOf(STRING)), param('values', arrayOf(generic('T')))],
    (types) => mapType(STRING, elementType(types, 1)),
    (keys: SqlArray, values: SqlArray) => new Map(keys.map((key, i) => [key, values[i] ?? null])),
    { returnsText: 'MAP<VARCHAR, T>' },
  ),
]);
