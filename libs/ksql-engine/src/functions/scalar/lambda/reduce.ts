import { must } from '../../../errors/assert.js';
import type { SqlType } from '../../../types/sql-type.js';
import { inHashOrder } from '../../../types/map-order.js';
import type { SqlArray, SqlMap, SqlValue } from '../../../types/sql-value.js';
import type { LambdaValue } from '../../function.js';
import { arrayOf, generic, lambdaOf, mapOf, param, scalarFunction, ternary } from '../../signature.js';

const K = generic('K');
const V = generic('V');
const T = generic('T');
const S = generic('S');
const stateType = (types: readonly (SqlType | null)[]) => must(types[1] ?? types[2], 'type of the initial state');

export const reduce = scalarFunction(
  'REDUCE',
  'LAMBDA',
  'One value from all elements of an array or map: a lambda takes the state so far and an element to the next state.',
  [
    ternary(
      [param('list', arrayOf(T)), param('initialState', S), param('biFunction', lambdaOf([S, T], S))],
      stateType,
      (array: SqlArray | null, initial: SqlValue, lambda: LambdaValue) => {
        if (array === null || initial === null) return initial;
        let state: SqlValue = initial;
        for (const item of array) state = lambda(state, item);
        return state;
      },
      { nullOnNull: false, returnsText: 'S' },
    ),
    ternary(
      [param('map', mapOf(K, V)), param('initialState', S), param('triFunction', lambdaOf([S, K, V], S))],
      stateType,
      (map: SqlMap | null, initial: SqlValue, lambda: LambdaValue) => {
        if (map === null || initial === null) return initial;
        let state: SqlValue = initial;
        for (const [key, value] of inHashOrder(map)) state = lambda(state, key, value);
        return state;
      },
      { nullOnNull: false, returnsText: 'S' },
    ),
  ],
);
