import { describe, expect, it } from '@jest/globals';
import {
  addInt64,
  divideInt64,
  doubleToInt32,
  doubleToInt64,
  int64ToInt32,
  multiplyInt64,
  negateInt64,
  parseInt32,
  parseInt64,
  remainderInt64,
  subtractInt64,
} from './integer-math.js';
import { normalizeBigint } from './sql-value.js';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

describe('64-bit integers', () => {
  it('stay numbers while they are safe, and wrap at 64 bits', () => {
    expect(addInt64(9007199254740990, 1)).toBe(9007199254740991);
    expect(addInt64(9007199254740991, 1)).toBe(9007199254740992n);
    expect(subtractInt64(9007199254740992n, 1)).toBe(9007199254740991);
    expect(addInt64(MAX, 1)).toBe(MIN);
    expect(negateInt64(MIN)).toBe(MIN);
    expect(multiplyInt64(0, -5)).toBe(0);
    expect(Object.is(multiplyInt64(0, -5), 0)).toBe(true);
  });

  it('agree with plain bigints on all pairs of edges', () => {
    const edges = [0n, 1n, -1n, 7n, -3n, 2n ** 31n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n) - 1n, MAX, MIN];
    for (const x of edges) {
      for (const y of edges) {
        const a = normalizeBigint(x);
        const b = normalizeBigint(y);
        expect(addInt64(a, b)).toBe(normalizeBigint(x + y));
        expect(subtractInt64(a, b)).toBe(normalizeBigint(x - y));
        expect(multiplyInt64(a, b)).toBe(normalizeBigint(x * y));
        if (y === 0n) continue;
        expect(divideInt64(a, b)).toBe(normalizeBigint(x / y));
        expect(remainderInt64(a, b)).toBe(normalizeBigint(x % y));
      }
    }
  });

  it('refuse division by zero', () => {
    expect(() => divideInt64(1, 0)).toThrow('/ by zero');
    expect(() => remainderInt64(MAX, 0)).toThrow('/ by zero');
  });

  it('narrow as Java casts do', () => {
    expect(int64ToInt32(MAX)).toBe(-1);
    expect(int64ToInt32(4294967297)).toBe(1);
    expect([NaN, 1e300, -1e300, -2.9].map(doubleToInt32)).toEqual([0, 2147483647, -2147483648, -2]);
    expect([NaN, 1e300, -1e300, -2.9].map(doubleToInt64)).toEqual([0, MAX, MIN, -2]);
    expect(doubleToInt64(2 ** 60)).toBe(2n ** 60n);
  });

  it('are read from plain digits that fit', () => {
    expect(parseInt64('+9223372036854775807')).toBe(MAX);
    expect(parseInt64('00012')).toBe(12);
    expect(parseInt32('-2147483648')).toBe(-2147483648);
    for (const bad of ['9223372036854775808', '1.0', '1e3', '', '1 ']) expect(() => parseInt64(bad)).toThrow(bad);
    expect(() => parseInt32('2147483648')).toThrow('2147483648');
  });
});
