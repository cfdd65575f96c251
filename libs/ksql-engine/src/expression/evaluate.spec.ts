import { describe, expect, it } from '@jest/globals';
import { bindExpression } from '../analyze/bind-expression.js';
import type { Scope } from '../analyze/scope.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { parseExpression } from '../syntax/parse.js';
import { jsonText } from '../types/json-text.js';
import { arrayType, BOOLEAN, DOUBLE, INTEGER, mapType, STRING, type SqlType } from '../types/sql-type.js';
import type { SqlValue } from '../types/sql-value.js';
import { compileExpression, compilePredicate, interpretExpression } from './compile.js';
import type { EvaluationRecord } from './evaluator.js';

const COLUMNS: readonly (readonly [name: string, type: SqlType, value: SqlValue])[] = [
  ['T', BOOLEAN, true],
  ['F', BOOLEAN, false],
  ['B_N', BOOLEAN, null],
  ['I', INTEGER, 7],
  ['I_N', INTEGER, null],
  ['MAX', INTEGER, 2147483647],
  ['NAN', DOUBLE, NaN],
  ['S', STRING, 'Hello'],
  ['S_N', STRING, null],
  ['A', arrayType(INTEGER), [1, null, 3]],
  ['A_N', arrayType(INTEGER), null],
  ['M', mapType(STRING, INTEGER), new Map([['a', 1]])],
];
const scope: Scope = {
  resolve(name) {
    const index = COLUMNS.findIndex(([column]) => column === name);
    const [, type] = COLUMNS[index] ?? [];
    if (type === undefined) throw new Error(`no column ${name}`);
    return { kind: 'valueColumn', index, name, type };
  },
};
const record: EvaluationRecord = {
  key: null,
  value: COLUMNS.map(([, , value]) => value),
  timestamp: 0,
  partition: 0,
  offset: 0,
  windowStart: -1,
  windowEnd: -1,
};
const functions = createFunctionRegistry();
const context = { nowMs: () => 0, random: () => 0, property: () => undefined };

const bind = (sql: string) => bindExpression(parseExpression(sql), scope, { functions, types: new Map() });

/** The value as JSON, and `!` for each report. */
function valueOf(sql: string, compile: typeof compileExpression): string {
  const bound = bind(sql);
  let reports = '';
  const value = compile(bound, functions, context, { report: () => (reports += '!') })(record);
  return `${jsonText(value, bound.type ?? STRING)}${reports}`;
}

describe.each([
  ['generated code', compileExpression],
  ['closures', interpretExpression],
] as const)('%s', (_, compile) => {
  it.each([
    ['MAX + 1', '-2147483648'],
    ['I / 0', 'null!'],
    ['I_N + 1', 'null!'],
    ['-I_N', 'null!'],
    ['S + S_N', '"Hellonull"'],
    ['1.0 / 3', 'null!'],
    // A comparison with NULL is false, so NOT makes it true.
    ['I_N = 1', 'false'],
    ['NOT (I_N = 1)', 'true'],
    ['I_N <> 1', 'false'],
    ['I_N IS DISTINCT FROM 1', 'true'],
    ['I_N IS NOT DISTINCT FROM I_N', 'true'],
    ['NAN = NAN', 'false'],
    ['NAN <> 1e0', 'false'],
    ['NAN IN (NAN)', 'true'],
    ['I_N BETWEEN 1 AND 2', 'false'],
    ['I_N NOT BETWEEN 1 AND 2', 'true'],
    ['I_N NOT IN (1, 2)', 'true'],
    ['I NOT IN (1, NULL)', 'true'],
    // NULL is no truth value: only short circuit avoids it.
    ['F AND B_N', 'false'],
    ['T OR B_N', 'true'],
    ['B_N AND F', 'null!'],
    ['NOT B_N', 'null!'],
    ['CASE WHEN B_N THEN 1 ELSE 2 END', 'null!'],
    ['CASE WHEN T THEN 1 ELSE I / 0 END', '1'],
    ['CASE WHEN F THEN 1 END', 'null'],
    ["S LIKE 'H_l%'", 'true'],
    ["'a%c' LIKE 'a!%c' ESCAPE '!'", 'true'],
    ["'abc!' LIKE 'abc!' ESCAPE '!'", 'null!'],
    ["S_N NOT LIKE 'a'", 'null!'],
    // A failing cast, element, entry or field is NULL alone.
    ["CAST('x' AS INT)", 'null!'],
    ['COALESCE(CAST(I / 0 AS BIGINT), CAST(I AS BIGINT))', '7!'],
    ['ARRAY[I / 0, I]', '[null,7]!'],
    ["MAP('a' := I / 0, 'b' := I)", '{"a":null,"b":7}!'],
    ['STRUCT(F1 := I / 0, F2 := I)', '{"F1":null,"F2":7}!'],
    ['A[1]', '1'],
    ['A[-1]', '3'],
    ['A[0]', 'null'],
    ['A[9]', 'null'],
    ['A_N[1]', 'null'],
    ['A[I_N]', 'null!'],
    ["M['zz']", 'null'],
    ['TRANSFORM(A, x => x + 1)', 'null!'],
    ['TRANSFORM(A, x => COALESCE(x, I))', '[1,7,3]'],
    [
      'TRANSFORM(A, x => REDUCE(A, 0, (z, y) => CASE WHEN y IS NULL OR x IS NULL THEN z ELSE z + x * y END))',
      '[4,0,12]',
    ],
    ['ABS(I_N)', 'null'],
  ])('%s', (sql, expected) => {
    expect(valueOf(sql, compile)).toBe(expected);
  });
});

describe('predicates', () => {
  it('are false for NULL and for failures, which are reported with the record', () => {
    const reports: unknown[] = [];
    const passes = (sql: string): boolean =>
      compilePredicate(bind(sql), functions, context, {
        report: (expression, _cause, at) => reports.push([expression, at === record]),
      })(record);
    expect([passes('T'), passes('F'), passes('B_N'), passes('I / 0 = 1')]).toEqual([true, false, false, false]);
    expect(reports).toEqual([['((I / 0) = 1)', true]]);
  });

  it('see every column as NULL where the record has no value', () => {
    const evaluate = compileExpression(bind('I IS NULL'), functions, context, { report: () => undefined });
    expect(evaluate({ ...record, value: null })).toBe(true);
  });
});
