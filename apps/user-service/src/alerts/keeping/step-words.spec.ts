import { describe, expect, it } from '@jest/globals';
import type { Transition } from '../life/types.js';
import { sentenceOfStep } from './step-words.js';
import type { FrozenRule } from './watched-rule.js';

const rule = { metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 90, deadband: 1 } as FrozenRule;
const step = (kind: 'raised' | 'cleared') =>
  ({ kind, value: 92, peakValue: 95, reason: null, startMs: 1_780_000_000_000 }) as unknown as Transition;

describe('a step of an alert in words', () => {
  it('says how long the limit was crossed where that was waited for', () => {
    const patient = { ...rule, onDelayMs: 60_000, offDelayMs: 10_000 };
    expect(sentenceOfStep(patient, step('raised'))).toContain('UTC and stayed there for 1 min; it was 92 °F then.');
    expect(sentenceOfStep(patient, step('cleared'))).toContain('stayed below 89 °F for 10 s; at its worst');
  });

  it('speaks of no waiting where there was none', () => {
    const quick = { ...rule, onDelayMs: 0, offDelayMs: 0 };
    expect(sentenceOfStep(quick, step('raised'))).toMatch(/went above 90 °F at [\d: -]+ UTC; it was 92 °F then\.$/);
    expect(sentenceOfStep(quick, step('cleared'))).toContain('went below 89 °F; at its worst it had been 95 °F.');
  });
});
