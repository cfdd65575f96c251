import { describe, expect, it } from '@jest/globals';
import { compareDouble, comparatorOf, hashKey, mapGet, valuesEqual } from './compare.js';
import { parseDecimal } from './decimal-math.js';
import { BYTES, decimalType, STRING } from './sql-type.js';
import type { SqlValue } from './sql-value.js';

describe('order', () => {
  it('of doubles puts −0.0 below 0.0 and NaN above all', () => {
    expect([NaN, 1, -0, Infinity, 0].sort(compareDouble)).toEqual([-0, 0, 1, Infinity, NaN]);
  });

  it('of texts goes by code units, of bytes by unsigned bytes', () => {
    expect(comparatorOf(STRING)('\ud83d\ude00', '\uffee')).toBeLessThan(0);
    expect(comparatorOf(BYTES)(Uint8Array.of(255), Uint8Array.of(1, 2))).toBeGreaterThan(0);
    expect(comparatorOf(BYTES)(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
    expect(comparatorOf(decimalType(3, 2))(parseDecimal('1.0'), parseDecimal('1.00'))).toBe(0);
  });
});

const EQUAL: readonly (readonly [SqlValue, SqlValue])[] = [
  [null, null],
  [NaN, NaN],
  [parseDecimal('1.0'), parseDecimal('1.00')],
  [Uint8Array.of(1), Uint8Array.of(1)],
  [
    [1, ['a', null]],
    [1, ['a', null]],
  ],
  [
    new Map<SqlValue, SqlValue>([
      ['a', 1],
      ['b', [2]],
    ]),
    new Map<SqlValue, SqlValue>([
      ['b', [2]],
      ['a', 1],
    ]),
  ],
];
const DIFFERENT: readonly (readonly [SqlValue, SqlValue])[] = [
  [null, 0],
  [['a', 'b'], ['ab']],
  [[1, null], [1]],
  [Uint8Array.of(1), Uint8Array.of(1, 0)],
  [new Map([['a', null]]), new Map([['b', null]])],
];

describe('equality', () => {
  it('and hash keys agree', () => {
    for (const [a, b] of EQUAL) {
      expect(valuesEqual(a, b)).toBe(true);
      expect(hashKey(a)).toEqual(hashKey(b));
    }
    for (const [a, b] of DIFFERENT) {
      expect(valuesEqual(a, b)).toBe(false);
      expect(hashKey(a)).not.toEqual(hashKey(b));
    }
  });

  it('finds map entries by value', () => {
    const map = new Map<SqlValue, SqlValue>([[parseDecimal('1.50'), 'x']]);
    expect(mapGet(map, parseDecimal('1.5'))).toBe('x');
    expect(mapGet(map, parseDecimal('2'))).toBeUndefined();
  });
});
