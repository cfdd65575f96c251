import { nullary, param, scalarFunction, unary, variadic } from '../../src/functions/signature.js';
import type { ScalarOverload } from '../../src/functions/function.js';
import { BIGINT, INTEGER, STRING, type SqlType } from '../../src/types/sql-type.js';
import type { SqlArray, SqlValue } from '../../src/types/sql-value.js';
import { STRUCT_A } from './struct-a.js';

/** Tells which overload was chosen, whatever the arguments are. */
const telling = (name: string, ...types: readonly SqlType[]): ScalarOverload => ({
  parameters: types.map((type, i) => param(`arg${i + 1}`, type)),
  returns: STRING,
  nullOnNull: false,
  bind: () => () => name,
});

export const testUdf = scalarFunction('TEST_UDF', 'OTHER', 'Tells its overload.', [
  telling('doStuffIntString', INTEGER, STRING),
  telling('doStuffLongString', BIGINT, STRING),
  telling('doStuffLongLongString', BIGINT, BIGINT, STRING),
  variadic([param('longs', BIGINT)], STRING, () => 'doStuffLongVarargs'),
  unary(param('struct', STRUCT_A), STRING, (struct: SqlArray) => struct[0] as SqlValue),
  nullary(STRUCT_A, () => ['foo']),
]);
