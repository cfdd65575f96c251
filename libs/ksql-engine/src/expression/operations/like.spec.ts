import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../../testing/seeded-random.js';
import { likePattern } from './like.js';

const isLike = (text: string, pattern: string, escape?: string): boolean => likePattern(pattern, escape)(text);

describe('LIKE', () => {
  it.each([
    ['abc', 'abc', true],
    ['abc', 'ABC', false],
    ['abc', '_', false],
    ['abc', '___', true],
    ['abc', '%b%', true],
    ['', '%', true],
    ['', '_', false],
    ['a', 'a%a', false],
    ['aa', 'a%a', true],
    ['aXbXc', '%X%X%', true],
    ['a.c', 'a.c', true],
    ['abc', 'a.c', false],
    ['a\nb', 'a_b', false],
    ['a\nb', 'a%b', false],
    ['a\nb', 'a\nb', true],
    ['\ud83d\ude00', '_', true],
    ['\ud83d\ude00', '__', false],
    ['e\u0301', '_', false],
  ])('%j LIKE %j is %p', (text, pattern, expected) => {
    expect(isLike(text, pattern)).toBe(expected);
  });

  it('takes an escaped character as it is', () => {
    expect(isLike('a%c', 'a!%c', '!')).toBe(true);
    expect(isLike('abc', 'a!%c', '!')).toBe(false);
    expect(isLike('a%c', 'a%%c', '%')).toBe(true);
    expect(() => isLike('abc!', 'abc!', '!')).toThrow('LIKE pattern must not end with escape character');
  });

  it('agrees with regular expressions on random short texts', () => {
    const random = new SeededRandom(7);
    const word = (alphabet: readonly string[]): string =>
      Array.from({ length: random.below(8) }, () => random.pick(alphabet)).join('');
    for (let i = 0; i < 20_000; i++) {
      const text = word(['a', 'b', '\n', '\ud83d\ude00']);
      const pattern = word(['a', 'b', '%', '_', '\ud83d\ude00']);
      const source = pattern.replaceAll('%', '.*').replaceAll('_', '.');
      expect([text, pattern, isLike(text, pattern)]).toEqual([
        text,
        pattern,
        new RegExp(`^${source}$`, 'u').test(text),
      ]);
    }
  });

  it('takes no time that grows with the number of runs', () => {
    const startMs = performance.now();
    expect(isLike('a'.repeat(10_000), `${'%a'.repeat(50)}%b`)).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(2000);
  });
});
