import { describe, expect, it } from '@jest/globals';
import { KsqlError } from '../errors/sql-error.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { parseExpression } from '../syntax/parse.js';
import { formatType } from '../types/format-type.js';
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  mapType,
  STRING,
  structType,
  type SqlType,
} from '../types/sql-type.js';
import { bindAggregateCall, bindExpression } from './bind-expression.js';
import { formatBound } from './format-bound.js';
import type { Clause } from './invalid-expression.js';
import type { Scope } from './scope.js';

const COLUMNS: Readonly<Record<string, SqlType>> = {
  B: BOOLEAN,
  I: INTEGER,
  L: BIGINT,
  D: DOUBLE,
  C: decimalType(10, 2),
  S: STRING,
  DA: DATE,
  A: arrayType(INTEGER),
  M: mapType(STRING, INTEGER),
  ST: structType([{ name: 'F', type: INTEGER }]),
  lower: INTEGER,
};

const scope: Scope = {
  resolve(name) {
    if (name === 'ROWTIME') return { kind: 'pseudoColumn', name, type: BIGINT };
    const type = COLUMNS[name];
    if (type === undefined) throw new KsqlError(`column '${name}' cannot be resolved.`);
    return { kind: 'valueColumn', index: Object.keys(COLUMNS).indexOf(name), name, type };
  },
};
const functions = createFunctionRegistry();

function bind(sql: string, clause?: Clause) {
  return bindExpression(parseExpression(sql), scope, { functions, types: new Map([['MINE', BIGINT]]), clause });
}

/** The text and type of what was bound, or the refusal. */
function bound(sql: string, clause?: Clause): string {
  try {
    const expression = bind(sql, clause);
    return `${formatBound(expression)} ${expression.type === null ? 'NULL' : formatType(expression.type)}`;
  } catch (error) {
    if (error instanceof KsqlError) return error.message;
    throw error;
  }
}

describe('binding', () => {
  it.each([
    ['-2147483648', '-2147483648 INTEGER'],
    ['1.10', '1.10 DECIMAL(3, 2)'],
    ['.5', '0.5 DECIMAL(2, 1)'],
    ['1e0', '1.0 DOUBLE'],
    ['I + L', '(I + L) BIGINT'],
    ['C * I', '(C * I) DECIMAL(21, 2)'],
    ['C / C', '(C / C) DECIMAL(23, 13)'],
    ['C + D', '(C + D) DOUBLE'],
    ['S + S', '(S + S) STRING'],
    ["ARRAY[1, '2.5', NULL]", 'ARRAY[1.0, 2.5, null] ARRAY<DECIMAL(11, 1)>'],
    ["ARRAY['a', 1.10, TRUE]", "ARRAY['a', '1.10', 'true'] ARRAY<STRING>"],
    ["ARRAY[TRUE, 'n']", 'ARRAY[true, false] ARRAY<BOOLEAN>'],
    ["ARRAY[DA, '2023-03-26']", "ARRAY[DA, '2023-03-26'] ARRAY<DATE>"],
    [
      'ARRAY[STRUCT(X := 1), STRUCT(Y := 2)]',
      'ARRAY[STRUCT(X:=1, Y:=null), STRUCT(X:=null, Y:=2)] ARRAY<STRUCT<`X` INTEGER, `Y` INTEGER>>',
    ],
    ["MAP('a' := 1, 2 := L)", "MAP('a':=1, '2':=L) MAP<STRING, BIGINT>"],
    ["I IN (L, '7', NULL)", '(I IN (L, 7)) BOOLEAN'],
    ['I NOT BETWEEN 1 AND 2.5', '(NOT (I BETWEEN 1 AND 2.5)) BOOLEAN'],
    ['CASE WHEN B THEN NULL ELSE C END', '(CASE WHEN B THEN null ELSE C END) DECIMAL(10, 2)'],
    ['CAST(S AS MINE)', 'CAST(S AS BIGINT) BIGINT'],
    ['A[-1]', 'A[-1] INTEGER'],
    ["M['k']", "M['k'] INTEGER"],
    ['ST->F', 'ST->F INTEGER'],
    ['`lower` + 1', '(`lower` + 1) INTEGER'],
    ['TRANSFORM(A, x => x * L)', 'TRANSFORM(A, (X) => (X * L)) ARRAY<BIGINT>'],
    ['REDUCE(M, 0, (t, k, v) => t + v)', 'REDUCE(M, 0, (T, K, V) => (T + V)) INTEGER'],
    ["UNIX_DATE('2023-01-01')", "UNIX_DATE('2023-01-01') INTEGER"],
    ['DATEADD(DAYS, 1, DA)', 'DATEADD(DAYS, 1, DA) DATE'],
  ])('%s', (sql, expected) => {
    expect(bound(sql)).toBe(expected);
  });

  it('takes texts for milliseconds beside time columns, in filters only', () => {
    expect(bound("ROWTIME > '2023-03-26T01:00:00+0100'", 'WHERE')).toBe('(ROWTIME > 1679788800000) BOOLEAN');
    expect(bound("ROWTIME > '2023-03-26'")).toContain("Cannot compare ROWTIME (BIGINT) to '2023-03-26' (STRING)");
    expect(bound("ROWTIME > 'yesterday'", 'WHERE')).toContain("Failed to parse timestamp 'yesterday'");
  });
});

describe('refusals', () => {
  it.each([
    ['B + 1.5', 'Error processing expression: (B + 1.5). Unsupported arithmetic types. BOOLEAN DECIMAL'],
    ['I + NULL', 'Error processing expression: (I + null). Arithmetic on types INTEGER and null are not supported.'],
    ["I > 'x'", "Cannot compare I (INTEGER) to 'x' (STRING) with GREATER_THAN."],
    ['A < A', 'Cannot compare A (ARRAY<INTEGER>) to A (ARRAY<INTEGER>) with LESS_THAN.'],
    ['I <> NULL', "Comparison with NULL not supported: INTEGER <> NULL\nUse 'IS NULL' or 'IS NOT NULL' instead."],
    ['I AND B', 'Invalid Select: Not a boolean expression'],
    ['I BETWEEN NULL AND 2', 'Invalid Select: Unexpected comparison of INTEGER and NULL in BETWEEN'],
    ["I LIKE 'x'", 'Invalid Select: The column type for Like condition must be VARCHAR'],
    ["I IN (10, 'x')", 'Invalid Select: invalid input syntax for type INTEGER: "x".'],
    [
      'B IN (TRUE, S)',
      'Invalid Select: operator does not exist: BOOLEAN = STRING (S)\nHint: You might need to add explicit type casts.',
    ],
    ['I IN (NULL)', 'Invalid Select: IN needs'],
    ["ARRAY[1, 'a']", 'invalid input syntax for type INTEGER: "a".'],
    ['ARRAY[S, I]', 'operator does not exist: STRING = INTEGER (I)'],
    ['ARRAY[]', 'Array constructor cannot be empty.'],
    ['ARRAY[NULL]', 'Cannot construct an array with all NULL elements'],
    ['MAP()', 'Map constructor cannot be empty.'],
    ['MAP(NULL := 1)', 'Cannot construct a map with all NULL keys'],
    ['STRUCT(F := 1, F := 2)', 'Duplicate field names found in STRUCT'],
    ['CASE WHEN I THEN 1 END', "WHEN operand type should be boolean.\nType for 'I' is INTEGER"],
    [
      'CASE WHEN B THEN 1 ELSE 1.5 END',
      "Type for the default clause should be the same as for 'THEN' clauses.\nTHEN type: INTEGER.\nDEFAULT type: DECIMAL(2, 1).",
    ],
    ['CASE WHEN B THEN NULL END', 'Invalid Case expression. All case branches have NULL type'],
    ['CASE I WHEN 1 THEN 2 END', 'use CASE WHEN I = … THEN …'],
    ['CAST(S AS MAP<VARCHAR, INTEGER>)', 'Invalid Select: Cast of STRING to MAP<STRING, INTEGER> is not supported'],
    ['CAST(S AS YOURS)', 'Cannot resolve unknown type: YOURS'],
    ['A[L]', 'Invalid Select: The index of an ARRAY is an INTEGER, not BIGINT'],
    ["ST['F']", "Subscript expression (ST['F']) do not apply to STRUCT<`F` INTEGER>. Use the dereference operator"],
    ['ST->G', "Could not find field 'G' in 'ST'."],
    ['I->F', 'Expected STRUCT type, got: INTEGER'],
    ['NOPE(1)', "Can't find any functions with the name 'NOPE'"],
    ['SUM(I)', 'Aggregate function SUM cannot be used here'],
    ['GREATEST(I, L)', "Function 'greatest' cannot be resolved due to ambiguous method parameters (INTEGER, BIGINT)."],
    ['GREATEST(S, I)', "Function 'greatest' does not accept parameters (STRING, INTEGER)."],
    ['COALESCE()', "Function 'COALESCE' does not accept parameters ()."],
    ['ABS(NULL)', "Function 'Abs' cannot be resolved due to ambiguous method parameters (null)."],
    ['IFNULL(I, NULL)', 'cannot be inferred from NULL'],
    ['ARRAY_CONTAINS(A, L)', "Function 'ARRAY_CONTAINS' does not accept parameters (ARRAY<INTEGER>, BIGINT)."],
    ['FILTER(A, x => x + 1)', 'Cannot infer generics for LAMBDA (T) => BOOLEAN from LAMBDA (INTEGER) => INTEGER'],
    ['REDUCE(A, 0, (t, x) => L)', 'Cannot map S to both INTEGER and BIGINT'],
    ['TRANSFORM(A, i => i)', "Lambda function argument can't be a column name: I"],
    ['TRANSFORM(A, x => TRANSFORM(ARRAY[x], x => x))', 'Reusing lambda arguments in nested lambda is not allowed'],
    ['DATEADD(DA, 5, DA)', "Function 'dateadd' does not accept parameters (DATE, INTEGER, DATE)."],
  ])('%s', (sql, expected) => {
    expect(bound(sql)).toContain(expected);
  });

  it('name the clause', () => {
    expect(bound("I IN (10, 'x')", 'WHERE')).toContain(
      'Invalid Predicate: invalid input syntax for type INTEGER: "x".',
    );
  });
});

describe('aggregate calls', () => {
  const aggregate = (sql: string) => {
    const call = parseExpression(sql);
    if (call.kind !== 'call') throw new Error(`not a call: ${sql}`);
    return bindAggregateCall(call, scope, { functions, types: new Map() });
  };

  it('have scalar arguments and evaluated constants', () => {
    const call = aggregate('TOPK(I + 1, 3)');
    expect(call.args.map(formatBound)).toEqual(['(I + 1)']);
    expect(call.constants).toEqual([3]);
    expect(formatType(call.type)).toBe('ARRAY<INTEGER>');
  });

  it('refuse what is no constant, and conversions', () => {
    expect(() => aggregate('EARLIEST_BY_OFFSET(I, I)')).toThrow(
      "Parameter 2 passed to function EARLIEST_BY_OFFSET must be a literal constant, but was expression: 'I'",
    );
    expect(() => aggregate('AVG(C)')).toThrow("Function 'avg' does not accept parameters (DECIMAL(10, 2)).");
  });
});
