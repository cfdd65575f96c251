import { BIGINT, DOUBLE, INTEGER } from '../../../types/sql-type.js';
import type { ScalarFunction } from '../../function.js';
import { binary, param, scalarFunction, unary } from '../../signature.js';

const NUMBERS = [DOUBLE, INTEGER, BIGINT];

/** A function of one number, computed as DOUBLE. */
export function doubleFunction(
  name: string,
  description: string,
  evaluate: (value: number) => number,
  parameterName = 'value',
): ScalarFunction {
  return scalarFunction(
    name,
    'MATHEMATICAL',
    description,
    NUMBERS.map((type) =>
      unary(param(parameterName, type), DOUBLE, (value: number | bigint) => evaluate(Number(value))),
    ),
  );
}

/** A function of two numbers of one type, computed as DOUBLE. */
export function doubleFunction2(
  name: string,
  description: string,
  parameterNames: readonly [string, string],
  evaluate: (a: number, b: number) => number,
): ScalarFunction {
  return scalarFunction(
    name,
    'MATHEMATICAL',
    description,
    NUMBERS.map((type) =>
      binary(
        [param(parameterNames[0], type), param(parameterNames[1], type)],
        DOUBLE,
        (a: number | bigint, b: number | bigint) => evaluate(Number(a), Number(b)),
      ),
    ),
  );
}
