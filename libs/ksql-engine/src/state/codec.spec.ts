import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../testing/seeded-random.js';
import { Decimal } from '../types/decimal.js';
import type { Row, SqlValue } from '../types/sql-value.js';
import { decodeChange, encodeChange } from './change-codec.js';
import { storeKey } from './store-key.js';

const VALUES: readonly SqlValue[] = [
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  2147483648,
  9007199254740991,
  9007199254740993n,
  -9223372036854775808n,
  1.5,
  NaN,
  -Infinity,
  '',
  'text',
  '\u0000n',
  '\u0000snull',
  '😀',
  'half \ud83d a pair',
  '\udc00',
  new Uint8Array([0, 255]),
  new Uint8Array(),
  new Decimal(-150n, 2),
  new Decimal(0n, 0),
  [1, null, ['x']],
  [],
  new Map<SqlValue, SqlValue>([
    ['k', [1]],
    [2, null],
  ]),
];

describe('the change codec', () => {
  it('gives every value back exactly', () => {
    const change = {
      key: storeKey(VALUES),
      keyRow: VALUES,
      windowStart: -1,
      windowEnd: 1_700_000_000_000,
      entry: { value: VALUES, timestamp: 1_700_000_000_123 },
    };
    const { key, value } = encodeChange(change);
    expect(decodeChange(key, value)).toEqual(change);
    expect(decodeChange(key, null)).toEqual({ ...change, entry: null });
  });

  it('refuses another version and what is cut off', () => {
    const { key, value } = encodeChange({
      key: 'k',
      keyRow: ['k'],
      windowStart: 0,
      windowEnd: 0,
      entry: { value: ['long text'], timestamp: 0 },
    });
    expect(() => decodeChange(new Uint8Array([9, ...key.subarray(1)]), null)).toThrow('version 9');
    expect(() => decodeChange(key, value!.subarray(0, value!.length - 2))).toThrow();
  });
});

describe('the text of a key', () => {
  it('is equal only for equal rows of one schema', () => {
    const random = new SeededRandom(7);
    const texts = ['', 'a', 'ab', '1:a', '\u0000n', '\u0000s', ':', '2:'];
    const seen = new Map<string, Row>();
    for (let i = 0; i < 2000; i++) {
      const row = [random.next() < 0.2 ? null : random.pick(texts), random.next() < 0.2 ? null : random.pick(texts)];
      const text = storeKey(row);
      expect(seen.get(text) ?? row).toEqual(row);
      seen.set(text, row);
    }
  });

  it('tells a null from the text of a null', () => {
    expect(new Set([[null], ['\u0000n'], ['\u0000s\u0000n'], ['']].map(storeKey)).size).toBe(4);
  });
});
