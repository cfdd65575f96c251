import { must } from '../../../errors/assert.js';
import { comparatorOf } from '../../../types/compare.js';
import { commonDecimalType } from '../../../types/decimal-math.js';
import {
  BIGINT,
  BYTES,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  STRING,
  TIME,
  TIMESTAMP,
  type DecimalType,
  type SqlType,
} from '../../../types/sql-type.js';
import type { SqlValue } from '../../../types/sql-value.js';
import type { ScalarFunction, ScalarOverload } from '../../function.js';
import { DECIMAL_ANY, param, scalarFunction } from '../../signature.js';

const isDecimal = (type: SqlType | null): type is DecimalType => type?.kind === 'DECIMAL';

/** GREATEST and LEAST. Nulls are passed over; among equals the first wins. `sign` is 1 for the greatest. */
export function extremeFunction(name: string, description: string, sign: 1 | -1): ScalarFunction {
  const pick = (type: SqlType): ScalarOverload['bind'] => {
    const compare = comparatorOf(type);
    return () => (args) => {
      let best: SqlValue = null;
      for (const value of args as readonly SqlValue[]) {
        if (value !== null && (best === null || compare(value, best) * sign > 0)) best = value;
      }
      return best;
    };
  };
  const overload = (type: SqlType): ScalarOverload => ({
    parameters: [param('val', type), param('vals', type)],
    variadicIndex: 1,
    nullOnNull: false,
    returns: type,
    bind: pick(type),
  });
  const decimals: ScalarOverload = {
    parameters: [param('val', DECIMAL_ANY), param('vals', DECIMAL_ANY)],
    variadicIndex: 1,
    nullOnNull: false,
    returns: (types) => must(types.filter(isDecimal).reduce(commonDecimalType), 'a DECIMAL argument'),
    returnsText: 'DECIMAL',
    bind: pick(decimalType(1, 0)),
  };
  return scalarFunction(name, 'MATHEMATICAL', description, [
    overload(TIME),
    overload(DATE),
    overload(BYTES),
    overload(TIMESTAMP),
    decimals,
    overload(INTEGER),
    overload(BIGINT),
    overload(DOUBLE),
    overload(STRING),
  ]);
}
