import { describe, expect, it } from '@jest/globals';
import { parseStatements } from './parse.js';

const parse = (text: string, limits: Parameters<typeof parseStatements>[2], variables = new Map<string, string>()) =>
  parseStatements(text, variables, limits).length;

describe('limits of a text', () => {
  it('bound its characters, words and statements', () => {
    const text = 'SHOW TOPICS;'.repeat(10);
    expect(parse(text, { charsMax: 120, tokensMax: 31, statementsMax: 10 })).toBe(10);
    expect(() => parse(text, { charsMax: 119 })).toThrow('has 120 characters; at most 119 are taken');
    expect(() => parse(text, { tokensMax: 29 })).toThrow('more than 29 words, literals and signs');
    expect(() => parse(text, { statementsMax: 9 })).toThrow('more than 9 statements');
  });

  it('hold for the text with the values of its variables', () => {
    const variables = new Map([['v', 'x'.repeat(1_000_000)]]);
    const text = `SELECT '${'${v}'.repeat(100_000)}' FROM s EMIT CHANGES;`;
    expect(() => parse(text, { charsMax: 2_000_000 }, variables)).toThrow('With the values of its variables');
    const names = `SELECT ${'${v}, '.repeat(10_000)} a FROM s EMIT CHANGES;`;
    expect(() => parse(names, { charsMax: 2_000_000 }, variables)).toThrow('With the values of its variables');
    expect(parse('DESCRIBE ${v};', { charsMax: 100 }, new Map([['v', 'abc']]))).toBe(1);
  });

  it('keep a long text from being read to its end', () => {
    const startedMs = performance.now();
    expect(() => parse('(!@#'.repeat(5_000_000), { tokensMax: 50_000 })).toThrow('more than 50000');
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
