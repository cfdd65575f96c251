import { binary, param, scalarFunction } from '../../src/functions/signature.js';
import { BOOLEAN, INTEGER, type SqlType } from '../../src/types/sql-type.js';
import type { SqlValue } from '../../src/types/sql-value.js';

/** Gives its first argument, and fails where it should not have been called: proves that CASE is lazy. */
const expecting = (name: string, type: SqlType) =>
  scalarFunction(name, 'OTHER', 'Gives its first argument where it may be called.', [
    binary(
      [param('retValue', type), param('shouldBeEvaluated', BOOLEAN)],
      type,
      (result: SqlValue, isDue: SqlValue) => {
        if (!isDue) throw new Error('When condition in case is not running lazily!');
        return result;
      },
    ),
  ]);

export const whenCondition = expecting('WHENCONDITION', BOOLEAN);
export const whenResult = expecting('WHENRESULT', INTEGER);
