import type { TableFunction, TableOverload } from '../../src/functions/function.js';
import { param } from '../../src/functions/signature.js';
import { BIGINT, BOOLEAN, decimalType, DOUBLE, INTEGER, STRING, type SqlType } from '../../src/types/sql-type.js';
import type { SqlArray, SqlMap, SqlValue } from '../../src/types/sql-value.js';
import { valueToText } from '../../src/types/value-to-text.js';
import { DECIMAL_ANY } from '../../src/functions/signature.js';
import type { ParameterType } from '../../src/functions/function.js';
import { STRUCT_A } from './struct-a.js';

const SCALARS: readonly SqlType[] = [INTEGER, BIGINT, DOUBLE, BOOLEAN, STRING, decimalType(30, 10), STRUCT_A];

const anyDecimal = (type: SqlType): ParameterType => (type.kind === 'DECIMAL' ? DECIMAL_ANY : type);

/** Seven arguments as seven rows of text; `unwrap` takes the value out of an argument, `inner` its type. */
function asTexts(
  types: readonly ParameterType[],
  unwrap: (argument: SqlValue) => SqlValue,
  inner: (type: SqlType) => SqlType,
): TableOverload {
  return {
    parameters: types.map((type, i) => param(`arg${i}`, type)),
    returns: STRING,
    bind: (argumentTypes) => (args) =>
      args.map((argument, i) => {
        const value = unwrap(argument);
        return value === null ? 'null' : valueToText(value, inner(argumentTypes[i] as SqlType));
      }),
  };
}

const itself = (type: SqlType): TableOverload => ({
  parameters: [param('arg', anyDecimal(type))],
  returns: type,
  bind: () => (args) => args,
});

export const testUdtf: TableFunction = {
  kind: 'table',
  name: 'TEST_UDTF',
  description: 'Rows of its arguments.',
  overloads: [
    asTexts(
      SCALARS.map(anyDecimal),
      (value) => value,
      (type) => type,
    ),
    asTexts(
      SCALARS.map((type) => ({ kind: 'arrayOf', element: anyDecimal(type) })),
      (array) => (array as SqlArray)[0] ?? null,
      (type) => (type.kind === 'ARRAY' ? type.element : type),
    ),
    asTexts(
      SCALARS.map((type) => ({ kind: 'mapOf', key: STRING, value: anyDecimal(type) })),
      (map) => [...(map as SqlMap).values()][0] ?? null,
      (type) => (type.kind === 'MAP' ? type.value : type),
    ),
    ...SCALARS.map(itself),
  ],
};
