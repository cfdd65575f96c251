import type { SqlArray, SqlValue } from '../../../types/sql-value.js';
import type { ScalarFunction } from '../../function.js';
import { naturalOrder } from '../../order.js';
import { arrayOf, generic, param, scalarFunction } from '../../signature.js';
import { elementType } from './element.js';

/** ARRAY_MIN and ARRAY_MAX; `sign` is 1 for the greatest. */
export function arrayExtreme(name: string, description: string, sign: 1 | -1): ScalarFunction {
  return scalarFunction(name, 'ARRAY', description, [
    {
      parameters: [param('input', arrayOf(generic('T')))],
      returns: (types) => elementType(types),
      returnsText: 'T',
      bind: (types) => {
        const compare = naturalOrder(elementType(types));
        return (args) => {
          let best: SqlValue = null;
          for (const item of args[0] as SqlArray) {
            if (item !== null && (best === null || compare(item, best) * sign > 0)) best = item;
          }
          return best;
        };
      },
    },
  ]);
}
