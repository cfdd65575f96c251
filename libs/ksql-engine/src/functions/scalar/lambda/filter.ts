import { BOOLEAN } from '../../../types/sql-type.js';
import type { SqlArray, SqlMap, SqlValue } from '../../../types/sql-value.js';
import type { LambdaValue } from '../../function.js';
import { arrayOf, binary, generic, lambdaOf, mapOf, param, sameAsFirst, scalarFunction } from '../../signature.js';

function keeps(verdict: SqlValue): boolean {
  if (verdict === null) throw new Error('the condition of FILTER is NULL for an element: handle NULL in the lambda');
  return verdict as boolean;
}

function filterMap(map: SqlMap, lambda: LambdaValue): SqlValue {
  const kept = new Map<SqlValue, SqlValue>();
  for (const [key, value] of map) {
    if (!keeps(lambda(key, value))) continue;
    if (value === null) throw new Error('FILTER cannot keep a map entry whose value is NULL');
    kept.set(key, value);
  }
  return kept;
}

const K = generic('K');
const V = generic('V');
const T = generic('T');

export const filter = scalarFunction(
  'FILTER',
  'LAMBDA',
  'The elements of an array, or the entries of a map, for which a lambda is true.',
  [
    binary([param('map', mapOf(K, V)), param('biFunction', lambdaOf([K, V], BOOLEAN))], sameAsFirst, filterMap, {
      returnsText: 'MAP<K, V>',
    }),
    binary(
      [param('array', arrayOf(T)), param('function', lambdaOf([T], BOOLEAN))],
      sameAsFirst,
      (array: SqlArray, lambda: LambdaValue) => array.filter((item) => keeps(lambda(item))),
      { returnsText: 'ARRAY<T>' },
    ),
  ],
);
