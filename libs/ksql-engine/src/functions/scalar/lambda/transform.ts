import { must } from '../../../errors/assert.js';
import { arrayType, mapType } from '../../../types/sql-type.js';
import type { SqlArray, SqlMap, SqlValue } from '../../../types/sql-value.js';
import { hashKey } from '../../../types/compare.js';
import type { LambdaValue } from '../../function.js';
import { arrayOf, binary, generic, lambdaOf, mapOf, param, scalarFunction, ternary } from '../../signature.js';

function transformMap(map: SqlMap, toKey: LambdaValue, toValue: LambdaValue): SqlValue {
  const result = new Map<SqlValue, SqlValue>();
  const keys = new Set<unknown>();
  for (const [key, value] of map) {
    const newKey = toKey(key, value);
    const newValue = toValue(key, value);
    if (newValue === null) throw new Error('TRANSFORM made a NULL value for a map entry: give another value for it');
    const hash = hashKey(newKey);
    if (keys.has(hash)) throw new Error(`TRANSFORM made the key ${String(newKey)} twice: make the keys differ`);
    keys.add(hash);
    result.set(newKey, newValue);
  }
  return result;
}

const K = generic('K');
const V = generic('V');

export const transform = scalarFunction(
  'TRANSFORM',
  'LAMBDA',
  'The array or map with every element put through a lambda; for a map, one lambda for keys and one for values.',
  [
    ternary(
      [
        param('map', mapOf(K, V)),
        param('biFunction1', lambdaOf([K, V], generic('R'))),
        param('biFunction2', lambdaOf([K, V], generic('T'))),
      ],
      (types) => mapType(must(types[1], 'type of the new keys'), must(types[2], 'type of the new values')),
      transformMap,
      { returnsText: 'MAP<R, T>' },
    ),
    binary(
      [param('array', arrayOf(generic('T'))), param('function', lambdaOf([generic('T')], generic('R')))],
      (types) => arrayType(must(types[1], 'type of the new elements')),
      (array: SqlArray, lambda: LambdaValue) => array.map((item) => lambda(item)),
      { returnsText: 'ARRAY<R>' },
    ),
  ],
);
