import { describe, expect, it } from '@jest/globals';
import { tokenize } from './lexer.js';

const kinds = (text: string): string[] => tokenize(text).map(({ kind, text: written }) => `${kind} ${written}`);

describe('tokenize', () => {
  it.each([
    ['a_1@b', ['identifier a_1@b']],
    ['select', ['keyword select']],
    ['1R0W', ['digitIdentifier 1R0W']],
    ['12 1.5 1. .5', ['integer 12', 'decimal 1.5', 'decimal 1.', 'decimal .5']],
    ['1E3 1.0e-3 1E', ['double 1E3', 'double 1.0e-3', 'digitIdentifier 1E']],
    ['\'it\'\'s\' `a``b` "c""d"', ["string 'it''s'", 'backquotedIdentifier `a``b`', 'quotedIdentifier "c""d"']],
    [
      'a->b:=c=>d!=e||f',
      [
        'identifier a',
        'symbol ->',
        'identifier b',
        'symbol :=',
        'identifier c',
        'symbol =>',
        'identifier d',
        'symbol !=',
        'identifier e',
        'symbol ||',
        'identifier f',
      ],
    ],
    ['${v} $ x', ['variable ${v}', 'unrecognized $', 'identifier x']],
    ["'open", ["unrecognized '", 'identifier open']],
  ])('%s', (text, expected) => {
    expect(kinds(text)).toEqual([...expected, 'end <EOF>']);
  });

  it('skips comments and counts lines from 1, columns from 0', () => {
    const [first, second, end] = tokenize('-- one\n /* two\n */ a\r\n  b');
    expect(first).toMatchObject({ text: 'a', line: 3, column: 4 });
    expect(second).toMatchObject({ text: 'b', line: 4, column: 2 });
    expect(end).toMatchObject({ kind: 'end', line: 4, column: 3 });
  });

  it('takes linear time for openings without an end', () => {
    for (const opening of ["'", '`', '"', '/*']) {
      expect(tokenize(`${opening} a `.repeat(100_001)).at(-1)?.kind).toBe('end');
    }
  });
});
