import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../../testing/seeded-random.js';
import { JavaRegex } from './java-regex.js';
import { parseTranslated, waysToRead } from './pattern-tree.js';
import { SteadyMatcher } from './steady-matcher.js';
import { translatePattern } from './translate.js';

/** All groups of the first match, found by the steady matcher. */
function steadily(pattern: string, text: string, from = 0): (string | null)[] | undefined | 'cannot' {
  const { source, groupCount } = translatePattern(pattern);
  const matcher = SteadyMatcher.of(parseTranslated(source), groupCount);
  if (!matcher) return 'cannot';
  const slots = matcher.find(text, from);
  if (!slots) return undefined;
  return Array.from({ length: groupCount + 1 }, (_, group) => {
    const [start, end] = [slots[2 * group] as number, slots[2 * group + 1] as number];
    return start < 0 || end < 0 ? null : text.slice(start, end);
  });
}

const quickly = (pattern: string, text: string): (string | null)[] | undefined => {
  const match = new RegExp(translatePattern(pattern).source, 'v').exec(text);
  return match ? Array.from(match, (group: string | undefined) => group ?? null) : undefined;
};

function randomPattern(random: SeededRandom, depth: number): string {
  const atom = (): string => {
    const kind = random.below(depth > 0 ? 12 : 8);
    if (kind < 4) return random.pick(['a', 'b', 'c']);
    if (kind === 4) return random.pick(['.', '[ab]', '[^a]', '\\w', '[a-z&&[^b]]', '(?i:A)']);
    if (kind === 5) return random.pick(['^', '$', '\\b', '(?=a)', '(?<!b)']);
    if (kind < 8) return random.pick(['ab', 'ba']);
    const inner = randomPattern(random, depth - 1);
    return kind < 10 ? `(${inner})` : `(?:${inner})`;
  };
  const term = (): string => {
    const one = atom();
    if (random.next() < 0.5 || /^(?:[\^$]|\\b|\(\?<?[=!])/.test(one)) return one;
    const quantifier = random.pick(['*', '+', '?', '{1,2}', '{0,2}', '{2}', '{1,}']) + random.pick(['', '', '?']);
    return (one.length > 1 && /^[ab]+$/.test(one) ? `(?:${one})` : one) + quantifier;
  };
  const sequence = (): string => Array.from({ length: 1 + random.below(3) }, term).join('');
  return Array.from({ length: 1 + (random.next() < 0.3 ? 1 : 0) }, sequence).join('|');
}

describe('the steady matcher', () => {
  it('finds what JavaScript finds, for random patterns and texts', () => {
    const random = new SeededRandom(20_260_101);
    let compared = 0;
    for (let run = 0; run < 6_000; run++) {
      const pattern = randomPattern(random, 2);
      const text = Array.from({ length: random.below(9) }, () => random.pick(['a', 'b', 'c', '\n'])).join('');
      const found = steadily(pattern, text);
      if (found === 'cannot') continue;
      compared++;
      expect([pattern, text, found]).toEqual([pattern, text, quickly(pattern, text)]);
    }
    expect(compared).toBeGreaterThan(4_000);
  });

  it('leaves what depends on more than the place to others', () => {
    expect(steadily('(a)\\1', 'aa')).toBe('cannot');
    expect(steadily('(?=a*b)a', 'ab')).toBe('cannot');
  });

  it('takes code points whole', () => {
    expect(steadily('(.)+', '😀a😀')).toEqual(['😀a😀', '😀']);
    expect(steadily('[^a]', '😀')).toEqual(['😀']);
  });
});

describe('patterns that may be read in many ways', () => {
  it.each([
    ['(a+)+$', `${'a'.repeat(50)}b`],
    ['(a|aa)+$', `${'a'.repeat(50)}b`],
    ['(x+x+)+y', 'x'.repeat(200)],
    ['(.*)(.*)(.*)(.*)(.*)z', 'x'.repeat(300)],
    ['(?:a?){40}a{40}b', 'a'.repeat(40)],
    ['(\\w+\\s?)+$', `${'word '.repeat(2_000)}!`],
    ['x+y', 'x'.repeat(200_000)],
  ])('%s ends soon', (pattern, text) => {
    const startedMs = performance.now();
    expect(new JavaRegex(pattern).first(text)).toBeUndefined();
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  it('are found one after the other, with their groups', () => {
    const words = 'one two,three '.repeat(2_000);
    const matches = [...new JavaRegex('(?:(\\w)\\w*)+').all(words)];
    expect(matches).toHaveLength(6_000);
    expect(matches.slice(0, 3).map(({ groups }) => groups)).toEqual([
      ['one', 'o'],
      ['two', 't'],
      ['three', 't'],
    ]);
  });

  it('are refused where nothing is sure to end', () => {
    expect(() => new JavaRegex('(a+)+\\1$').first(`${'a'.repeat(50)}b`)).toThrow('too many ways');
  });

  it('are counted from their parts', () => {
    const ways = (pattern: string, length: number) => waysToRead(parseTranslated(pattern), length);
    expect(ways('abc', 9)).toBe(1);
    expect(ways('a|b|c', 9)).toBe(3);
    expect(ways('a*b*', 9)).toBe(100);
    expect(ways('(?:a?){3}', 9)).toBe(8);
    expect(ways('(?:a+)+', 9)).toBeGreaterThan(1e9);
  });
});
