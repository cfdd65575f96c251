import { describe, expect, it } from '@jest/globals';
import { hot, minute, sampleAt } from '../testing/histories.js';
import { lateMax, lateRun, withLate } from './late.js';
import { checkRule } from './rule.js';
import { Watermark } from './watermark.js';
import type { Sample } from './types.js';

describe('a rule', () => {
  it('says what is out of range: field, value and what is allowed', () => {
    expect(checkRule(hot)).toEqual([]);
    const wrong = {
      ...hot,
      threshold: Number.NaN,
      deadband: -1,
      onDelayMs: 33 * hot.maxGapMs,
      escalations: [{ threshold: 80, severity: 'INFO' as const }],
    };
    expect(checkRule(wrong)).toEqual([
      'threshold is NaN: it must be from -1000000000 to 1000000000',
      'deadband is -1: it must be from 0 to 1000000000',
      `onDelayMs is ${33 * hot.maxGapMs}: it must be from 0 to ${32 * hot.maxGapMs}`,
      'escalations[0].severity is INFO: it must be above WARNING',
    ]);
    const easier = { ...hot, escalations: [{ threshold: 80, severity: 'CRITICAL' as const }] };
    expect(checkRule(easier)).toEqual(['escalations[0].threshold is 80: it must not be easier to cross than 90']);
  });
});

describe('a watermark', () => {
  it('is the highest event time less the lateness, and a stamp of the future does not move it past the clock', () => {
    const watermark = new Watermark(20, 5);
    expect(watermark.atMs).toBe(0);
    expect(watermark.observe(1_000, 1_000)).toBe(980);
    expect(watermark.observe(900, 1_001)).toBe(980);
    expect(watermark.observe(9_000, 1_002)).toBe(987);
  });
});

describe('late samples', () => {
  const all = (...pairs: readonly (readonly [number, number])[]): readonly Sample[] =>
    pairs.map(([at, value]) => sampleAt(at, value));

  it('are kept once each, the newest of them', () => {
    let late: readonly Sample[] = [];
    for (const sample of all(...Array.from({ length: 40 }, (_, i) => [(i * 7) % 40, 1] as const)))
      late = withLate(late, sample) ?? late;
    expect(late.map(({ atMs }) => (atMs - sampleAt(0, 0).atMs) / minute)).toEqual(
      Array.from({ length: lateMax }, (_, i) => 40 - lateMax + i),
    );
    expect(withLate(late, sampleAt(39, 1))).toBeUndefined();
  });

  it('are a finding when they crossed the limit for the delay and no known episode has them', () => {
    const samples = all([0, 91], [5, 91], [10, 91]);
    const startMs = samples[0]?.atMs ?? 0;
    expect(lateRun(hot, samples, [])).toEqual(samples);
    expect(lateRun(hot, samples, [{ fromMs: startMs + 9 * minute, toMs: null }])).toBeUndefined();
    expect(lateRun(hot, samples, [{ fromMs: 0, toMs: startMs }])).toBeUndefined();
    expect(lateRun(hot, samples, [{ fromMs: 0, toMs: startMs - 1 }])).toEqual(samples);
    expect(lateRun(hot, all([0, 91], [5, 89], [10, 91]), [])).toBeUndefined();
    expect(lateRun(hot, all([0, 91], [16, 91]), [])).toBeUndefined();
  });
});
