import { describe, expect, it } from '@jest/globals';
import { ParseFailedError } from '../errors/sql-error.js';
import { parseOne } from './parse.js';
import { printStatement } from './print/statement.js';

const select = (expression: string): string => `SELECT ${expression} FROM S;`;

/** Each takes one more level with each repetition. */
const shapes: Readonly<Record<string, (levels: number) => string>> = {
  'parentheses around the rest': (n) => select(`${'1 + ('.repeat(n)}1${')'.repeat(n)}`),
  calls: (n) => select(`${'F('.repeat(n)}1${')'.repeat(n)}`),
  NOT: (n) => select(`${'NOT '.repeat(n)}A`),
  signs: (n) => select(`${'- '.repeat(n)}A`),
  indexes: (n) => select(`${'A['.repeat(n)}1${']'.repeat(n)}`),
  types: (n) => select(`CAST(A AS ${'ARRAY<'.repeat(n)}INT${'>'.repeat(n)})`),
  'a chain of AND': (n) => select(`A ${'AND A '.repeat(n)}`),
  'a chain of ->': (n) => select(`A${'->B'.repeat(n)}`),
  joins: (n) => `SELECT * FROM S ${'JOIN T ON A = B '.repeat(n)};`,
  CASE: (n) => select(`${'CASE WHEN A THEN 1 ELSE '.repeat(n)}A${' END'.repeat(n)}`),
  lambdas: (n) => select(`${'F(X => '.repeat(n)}1${')'.repeat(n)}`),
  maps: (n) => select(`${'MAP('.repeat(n)}1${' := 2)'.repeat(n)}`),
  EXPLAIN: (n) => `${'EXPLAIN '.repeat(n)}SELECT * FROM S;`,
};

describe.each(Object.entries(shapes))('nesting by %s', (_, shape) => {
  it('is accepted up to a depth nobody needs, and what is accepted can be printed and read back', () => {
    const printed = printStatement(parseOne(shape(60)).statement);
    expect(printStatement(parseOne(printed).statement)).toBe(printed);
  });

  it('is refused where it would exhaust the stack', () => {
    for (const levels of [700, 100_000]) expect(() => parseOne(shape(levels))).toThrow(ParseFailedError);
  });
});

describe('what is accepted at the limit', () => {
  it.each(Object.entries(shapes))('is still read back after printing: %s', (_, shape) => {
    let accepted = 60;
    let refused = 700;
    while (refused - accepted > 1) {
      const levels = Math.floor((accepted + refused) / 2);
      try {
        parseOne(shape(levels));
        accepted = levels;
      } catch {
        refused = levels;
      }
    }
    const printed = printStatement(parseOne(shape(accepted)).statement);
    expect(printStatement(parseOne(printed).statement)).toBe(printed);
  });
});

describe('plain parentheses', () => {
  it('cost nothing', () => {
    expect(printStatement(parseOne(select(`${'('.repeat(50_000)}1${')'.repeat(50_000)}`)).statement)).toBe(
      'SELECT 1\nFROM S S;',
    );
  });
});
