import { describe, expect, it } from '@jest/globals';
import type { ComparedRow } from './compare-rows.js';
import { Judge, type Comparison, type Deviation } from './judge.js';

const table: Comparison = { topic: 't', isOrdered: () => true, hasLastRows: true, racing: new Set() };
const rows = (...counts: readonly number[]): readonly ComparedRow[] =>
  counts.map((n) => new Map(Object.entries({ N: `${n}`, CITY: '"Miami"' })));
const theirs = new Map([['a', rows(1, 2)]]);
const planted = new Map([['a', rows(1, 3)]]);

const deviation: Deviation = {
  keys: /^a$/,
  columns: ['N'],
  differences: 2,
  theirs: 'two',
  ours: 'three',
  reason: 'why',
};

const judged = (
  ours: ReadonlyMap<string, readonly ComparedRow[]>,
  listed: readonly Deviation[],
  how: Partial<Comparison> = {},
) => {
  const judge = new Judge('pipeline', { t: listed });
  const results = [...judge.compare({ ...table, ...how }, theirs, ours), ...judge.staleDeviations()];
  return results.map(({ name, outcome, reason }) => `${outcome} ${name}${reason === '' ? '' : `: ${reason}`}`);
};

describe('a topic', () => {
  it('passes where the rows are the same', () => {
    expect(judged(theirs, [])).toEqual(['passed last row of a', 'passed all rows of a']);
  });

  it('fails with a difference that is not listed', () => {
    const reason = 'N: theirs 2, ours 3';
    expect(judged(planted, [])).toEqual([`failed last row of a: ${reason}`, `failed all rows of a: ${reason}`]);
    expect(judged(new Map(), [])[0]).toBe('failed last row of a: ROW: theirs {N:2,CITY:"Miami"}, ours gone');
    expect(judged(new Map([...theirs, ['b', rows(1)]]), [])).toContain(
      'failed all rows of b: ROW: theirs none, ours {N:1,CITY:"Miami"}',
    );
  });

  it('is a known gap with those that are, and with no others', () => {
    expect(judged(planted, [deviation])).toEqual(['known-gap last row of a: why', 'known-gap all rows of a: why']);
    const failed = 'failed last row of a: N: theirs 2, ours 3';
    expect(judged(planted, [{ ...deviation, keys: /^b/ }])[0]).toBe(failed);
    expect(judged(planted, [{ ...deviation, columns: ['CITY'] }])[0]).toBe(failed);
    expect(judged(planted, [{ ...deviation, when: (their) => their === '1' }])[0]).toBe(failed);
    const { columns: _, ...ofAnyColumn } = deviation;
    expect(judged(planted, [{ ...ofAnyColumn, when: (their, our) => their === '2' && our === '3' }])).toEqual([
      'known-gap last row of a: why',
      'known-gap all rows of a: why',
    ]);
  });

  it('fails with a deviation that no longer occurs, or occurs more or less often', () => {
    const name = 'deviation of N for ^a$';
    expect(judged(theirs, [deviation])).toContain(`failed ${name}: no longer occurs: take it from the list (why)`);
    expect(judged(planted, [{ ...deviation, differences: 1 }])).toContain(
      `failed ${name}: is listed with 1 differences, but there are 2 (why)`,
    );
  });

  it('fails with a deviation of a topic that was not compared', () => {
    const judge = new Judge('pipeline', { other: [deviation] });
    expect(judge.staleDeviations()).toMatchObject([{ file: 'other', outcome: 'failed' }]);
  });

  it('is asked for last rows only where the order is not settled, and for none of a stream', () => {
    const reordered = new Map([['a', rows(0, 2)]]);
    expect(judged(reordered, [], { isOrdered: () => false })).toEqual(['passed last row of a']);
    expect(judged(theirs, [], { hasLastRows: false })).toEqual(['passed all rows of a']);
  });
});
