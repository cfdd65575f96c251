import { describe, expect, it } from '@jest/globals';
import { insertStatement } from './insert-statement.js';

describe('insertStatement', () => {
  it('quotes names and texts', () => {
    expect(insertStatement('users', { id: 1, full_name: "Ann O'Hara", '`mixed Case`': true })).toBe(
      "INSERT INTO `USERS` (`ID`, `FULL_NAME`, `mixed Case`) VALUES (1, 'Ann O''Hara', true);",
    );
  });

  it('renders nested values', () => {
    const row = { a: [1, 2], s: { f: null }, m: new Map([['k', 9007199254740993n]]), at: new Date(0) };
    expect(insertStatement('t', row)).toBe(
      "INSERT INTO `T` (`A`, `S`, `M`, `AT`) VALUES (ARRAY[1, 2], STRUCT(`F` := NULL), MAP('k' := 9007199254740993), '1970-01-01T00:00:00.000');",
    );
  });

  it('refuses a number that SQL cannot spell', () => {
    expect(() => insertStatement('t', { a: Number.NaN })).toThrow(RangeError);
  });
});
