import { describe, expect, it } from '@jest/globals';
import { SteadyIndex } from './steady-index.js';

/** What is shown each second for an index given as a function of the seconds; the first minute is the same value. */
function shownOf(index: (second: number) => number | undefined, seconds: number): (number | undefined)[] {
  const steady = new SteadyIndex();
  for (let second = -60; second < 0; second += 1) steady.follow(index(0), second * 1_000);
  return Array.from({ length: seconds }, (_, second) => steady.follow(index(second), second * 1_000));
}

describe('the steady index', () => {
  it('follows at once in the beginning, when the sensors come in one by one', () => {
    const steady = new SteadyIndex();
    expect(steady.shown).toBeUndefined();
    expect([23, 98.5, 174].map((index, second) => steady.follow(index, second * 1_000))).toEqual([23, 99, 174]);
  });

  it('does not follow noise, nor what comes and goes within ten seconds', () => {
    expect(new Set(shownOf((second) => 50 + (second % 2), 600))).toEqual(new Set([50]));
    expect(new Set(shownOf((second) => (second % 10 === 9 ? 180 : 50), 600))).toEqual(new Set([50]));
  });

  it('shows a step once it has lasted ten seconds', () => {
    const shown = shownOf((second) => (second < 5 ? 40 : 160), 30);
    expect(shown.indexOf(160)).toBe(15);
    expect(new Set(shown)).toEqual(new Set([40, 160]));
  });

  it('shows a small change that stays, after a minute', () => {
    const shown = shownOf((second) => (second < 5 ? 40 : 41), 90);
    expect(shown.indexOf(41)).toBe(65);
  });

  it('keeps pace with smoke that drifts in, and falls behind by ten seconds at most', () => {
    const smoke = (second: number): number => 40 + second / 2;
    for (const [second, shown] of shownOf(smoke, 300).entries())
      expect(Math.abs((shown ?? 0) - smoke(second))).toBeLessThanOrEqual(9);
  });

  it('stays where it was when nothing is measured', () => {
    expect(shownOf((second) => (second < 5 ? 40 : undefined), 300).at(-1)).toBe(40);
  });
});
