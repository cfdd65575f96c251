import { describe, expect, it } from '@jest/globals';
import { parseExpression } from '../parse.js';
import { printExpression } from '../print/expression.js';

const shown = (text: string): string => printExpression(parseExpression(text));

describe('operators', () => {
  it.each([
    ['a + b * c - d % e', '((A + (B * C)) - (D % E))'],
    ['a || b + c', '(A || (B + C))'],
    ['-a * b', '(-A * B)'],
    ['- -5', '-(-5)'],
    ['1 - -1', '(1 - -1)'],
    ['a = 1 OR b = 2 AND NOT c = 3', '((A = 1) OR ((B = 2) AND (NOT (C = 3))))'],
    ['a != b', '(A <> B)'],
    ['NOT a IS NOT NULL', '(NOT (A IS NOT NULL))'],
    ['a IS NOT DISTINCT FROM b + 1', '(A IS NOT DISTINCT FROM (B + 1))'],
    ['a NOT BETWEEN 1 AND 2 + 3', '(NOT (A BETWEEN 1 AND (2 + 3)))'],
    ["a IN (1, 'x', b AND c)", "(A IN (1, 'x', (B AND C)))"],
    ["a NOT LIKE 'x!%' ESCAPE '!'", "(NOT (A LIKE 'x!%' ESCAPE '!'))"],
    ['((a))', 'A'],
    ['((a + b) * c)[1]->`d`', '((A + B) * C)[1]->`d`'],
  ])('%s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });
});

describe('primary expressions', () => {
  it.each([
    ["s.a->b->c[-1]['k']", "S.A->B->C[-1]['k']"],
    ['"a b".`c d`', '`a b`.`c d`'],
    ['count(*)', 'COUNT(*)'],
    ['now()', 'NOW()'],
    ['dateadd(MILLISECOND, 1, day)', 'DATEADD(MILLISECONDS, 1, DAY)'],
    ['reduce(a, 0, (s, x) => s + x)', 'REDUCE(A, 0, (S, X) => (S + X))'],
    ['filter(a, x => x > 1)', 'FILTER(A, X => (X > 1))'],
    ['CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END', '(CASE WHEN A THEN 1 WHEN B THEN 2 ELSE 3 END)'],
    ["CASE a WHEN 1 THEN 'x' END", "(CASE A WHEN 1 THEN 'x' END)"],
    ['CAST(a AS decimal(4,2))', 'CAST(A AS DECIMAL(4, 2))'],
    ['ARRAY[1, null, true]', 'ARRAY[1, null, true]'],
    ["MAP('a' := 1, lcase('B') := 2)", "MAP('a':=1, LCASE('B'):=2)"],
    ['STRUCT(a := 1, `b c` := STRUCT())', 'STRUCT(A:=1, `b c`:=STRUCT())'],
    ['STRUCT(a = 1)', 'STRUCT((A = 1))'],
    ['map + array + struct', '((MAP + ARRAY) + STRUCT)'],
  ])('%s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('knows where it stands', () => {
    expect(parseExpression('\n  a')).toMatchObject({ location: { line: 2, column: 2 } });
  });
});

describe('what is well-formed and still wrong', () => {
  it.each([
    ["a LIKE 'x' ESCAPE 'yz'", 'Optional[Line: 1, Col: 19]: Expected single character escape but got: yz'],
    ['f(a, (x, X) => x)', 'Lambda arguments have duplicates: [X, X]'],
    ["TIMESTAMP '2023-01-01'", 'Unknown type: TIMESTAMP, location:Optional[Line: 1, Col: 1]'],
    ['${nope}', 'Variable ${nope} is not defined'],
  ])('%s', (text, message) => {
    expect(() => parseExpression(text)).toThrow(`Failed to prepare statement: ${message}`);
  });
});
