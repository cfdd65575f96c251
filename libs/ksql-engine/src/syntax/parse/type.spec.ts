import { describe, expect, it } from '@jest/globals';
import { STRING, arrayType, decimalType, mapType, structType } from '../../types/sql-type.js';
import { parseColumnList, parseType } from '../parse.js';

describe('types', () => {
  it.each([
    ['varchar(STRING)', STRING],
    ['DECIMAL(4, 2)', decimalType(4, 2)],
    ['MAP<STRING, ARRAY<VARCHAR>>', mapType(STRING, arrayType(STRING))],
    [
      'STRUCT<a STRING, `b` STRUCT<>>',
      structType([
        { name: 'A', type: STRING },
        { name: 'b', type: structType([]) },
      ]),
    ],
  ])('%s is built in', (text, type) => {
    expect(parseType(text)).toEqual({ kind: 'builtin', type });
  });

  it('keeps the names of custom types for the analysis', () => {
    expect(parseType('ARRAY<STRUCT<A ADDRESS>>')).toEqual({
      kind: 'array',
      element: { kind: 'struct', fields: [{ name: 'A', type: { kind: 'custom', name: 'ADDRESS' } }] },
    });
    expect(parseType('`String`')).toEqual({ kind: 'custom', name: 'String' });
  });

  it.each([
    ['DECIMAL(0, 0)', 'DECIMAL precision must be >= 1: DECIMAL(0,0)'],
    ['DECIMAL(2, 3)', 'DECIMAL precision must be >= scale: DECIMAL(2,3)'],
    ['DECIMAL(5)', 'DECIMAL needs a precision and a scale'],
    ['BOOLEAN(KEY)', "line 1:9: Syntax Error\nExpecting {'STRING', INTEGER_VALUE}"],
    ['NULL', 'line 1:1: Syntax Error'],
  ])('%s is refused', (text, message) => {
    expect(() => parseType(text)).toThrow(message);
  });
});

describe('column lists', () => {
  it('have names, types, constraints and places', () => {
    expect(
      parseColumnList("ID INT PRIMARY KEY, K INT KEY, V INT, H BYTES HEADER('x'), HS BYTES HEADERS"),
    ).toMatchObject([
      { name: 'ID', constraint: { kind: 'primaryKey' }, location: { line: 1, column: 0 } },
      { name: 'K', constraint: { kind: 'key' }, location: { line: 1, column: 20 } },
      { name: 'V', constraint: { kind: 'none' } },
      { name: 'H', constraint: { kind: 'header', key: 'x' } },
      { name: 'HS', constraint: { kind: 'headers' } },
    ]);
    expect(parseColumnList(' ')).toEqual([]);
  });
});
