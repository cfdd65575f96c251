import { describe, expect, it } from '@jest/globals';
import { staleGaps, verdict } from './known-gaps.js';

const testCase = { file: 'joins.json', name: 'inner - AVRO' };
const gaps = new Map([['joins - inner - AVRO', 'why']]);
const outcome = (failure: string | undefined, list: ReadonlyMap<string, string>): string => {
  const { outcome, reason } = verdict('qtt', testCase, failure, list);
  return `${outcome}: ${reason}`;
};

describe('a list of known gaps', () => {
  it('tells a failure that is known from one that is not', () => {
    expect(outcome(undefined, new Map())).toBe('passed: ');
    expect(outcome('differs', new Map())).toBe('failed: differs');
    expect(outcome('differs', gaps)).toBe('known-gap: why');
  });

  it('goes red when a gap has closed, or when no case of a file that was read has its name', () => {
    expect(outcome(undefined, gaps)).toBe('failed: a known gap has closed: take it from the list (why)');
    expect(staleGaps('qtt', [testCase], gaps)).toEqual([]);
    expect(staleGaps('qtt', [{ ...testCase, name: 'renamed' }], gaps)).toEqual([
      { suite: 'qtt', file: 'known-gaps', name: 'joins - inner - AVRO', outcome: 'failed', reason: expect.any(String) },
    ]);
    expect(staleGaps('qtt', [{ ...testCase, file: 'other.json' }], gaps)).toEqual([]);
  });
});
