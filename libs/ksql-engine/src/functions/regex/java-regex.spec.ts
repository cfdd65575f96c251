import { describe, expect, it } from '@jest/globals';
import { JavaRegex } from './java-regex.js';

const found = (pattern: string, text: string) => [...new JavaRegex(pattern).all(text)].map((match) => match.groups[0]);

describe('java regular expressions', () => {
  it.each<[pattern: string, text: string, matches: string[]]>([
    ['a|b', 'cab', ['a', 'b']],
    ['\\d+', 'a12 ٣', ['12']],
    ['\\s', 'a\u00a0b c', [' ']],
    ['[^\\W\\d]+', 'ab1c', ['ab', 'c']],
    ['[a-z&&[^b-y]]', 'abyz', ['a', 'z']],
    ['[a-z&&def]+', 'abcdefg', ['def']],
    ['[a[0-9]]+', 'a1b', ['a1']],
    ['[]a]+', 'a]b', ['a]']],
    ['[a-]+', 'a-b', ['a-']],
    ['[&|!#@]+', 'a&|!#@', ['&|!#@']],
    ['[\\p{Lu}\\d]+', 'aBC1d', ['BC1']],
    ['\\p{Alpha}+', 'aé1', ['a']],
    ['\\p{IsAlphabetic}+', 'aé1', ['aé']],
    ['\\p{IsGreek}', 'aα', ['α']],
    ['\\pL', 'é', ['é']],
    ['\\P{L}+', 'a12', ['12']],
    ['\\Q.*\\E', 'a.*b', ['.*']],
    ['(?i)ABC', 'abC', ['abC']],
    ['a(?i)b', 'aB AB', ['aB']],
    ['(?i:a)b', 'Ab AB', ['Ab']],
    ['(?m)^b$', 'a\nb\nc', ['b']],
    ['(?s)a.b', 'a\nb', ['a\nb']],
    ['a$', 'a\n', ['a']],
    ['a\\z', 'a\n', []],
    ['\\Aa', 'aa', ['a']],
    ['\\bé', 'é aé', ['é']],
    ['(?<x>a)\\k<x>', 'aa', ['aa']],
    ['(a)(b)?\\1', 'aa', ['aa']],
    ['a{2}', 'aaa', ['aa']],
    ['a+?', 'aa', ['a', 'a']],
    ['\\x41\\u0042\\x{43}\\0104', 'ABCD', ['ABCD']],
    ['.', '😀', ['😀']],
    ['', 'ab', ['', '', '']],
    ['x*', 'a', ['', '']],
    ['$', 'a😀b', ['']],
    ['}', 'a}', ['}']],
    ['(?<=a)b', 'ab', ['b']],
    ['\\R', 'a\r\nb', ['\r\n']],
    ['\\h', 'a\tb', ['\t']],
  ])('%s finds in %j: %j', (pattern, text, matches) => {
    expect(found(pattern, text)).toEqual(matches);
  });

  it.each([
    ['(', 'not closed'],
    [')', 'not opened'],
    ['[a', 'not closed'],
    ['*', 'quantifier'],
    ['\\', 'backslash'],
    ['a{2,1}', 'out of order'],
    ['[z-a]', 'out of order'],
    ['a++', 'possessive'],
    ['(?>a)', 'atomic'],
    ['\\Ga', 'not supported'],
    ['(?x)a', 'not supported'],
    ['\\p{Nonsense}', 'unknown'],
    ['\\k<no>', 'no group'],
    ['{a', 'backslash'],
  ])('refuses %s: %s', (pattern, reason) => {
    expect(() => new JavaRegex(pattern)).toThrow(reason);
  });

  it('knows the numbers of named groups', () => {
    const regex = new JavaRegex('(a)(?<second>b)(?:c)(?<third>d)');
    expect([regex.groupCount, regex.groupNumber('second'), regex.groupNumber('third')]).toEqual([3, 2, 3]);
    expect(regex.groupNumber('no')).toBeUndefined();
  });
});
