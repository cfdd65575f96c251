import { describe, expect, it } from '@jest/globals';
import { hot, live, minute, read, sampleAt, start, tick } from '../testing/histories.js';
import { followsFromRecords, rebuild } from './rebuild.js';

const dense = Array.from({ length: 200 }, (_, minutes) => {
  const value = minutes < 60 ? 95 + (minutes % 3) : minutes < 90 ? 103 : minutes < 120 ? 85 : 97;
  return read(sampleAt(minutes, value));
});

describe('an alert that is made again from what it cites', () => {
  const inputs = [...dense, tick(240), read(sampleAt(241, 97)), tick(280), tick(280 + 361)];
  const { transitions } = live(hot, inputs);

  it('is the same, transition by transition', () => {
    expect(transitions.map(({ kind }) => kind)).toEqual([
      'raised',
      'escalated',
      'cleared',
      'raised',
      'no-data',
      'data-back',
      'no-data',
      'ended',
    ]);
    transitions.forEach((transition, index) => {
      expect(followsFromRecords(transition)).toBe(true);
      expect(rebuild(hot, transitions.slice(0, index), transition)).toEqual(transition);
    });
  });

  it('cites few records, and each one counts', () => {
    const cited = transitions.map(({ evidence }) => evidence.deciding.length);
    expect(Math.max(...cited)).toBeLessThanOrEqual(4);
    transitions.forEach((transition, index) => {
      const { deciding, peak } = transition.evidence;
      for (const left of deciding) {
        const rest = deciding.filter((sample) => sample !== left);
        const claim = { ...transition, evidence: { deciding: rest, peak: peak === left ? null : peak } };
        const again = rebuild(hot, transitions.slice(0, index), claim);
        expect({ ...again, evidence: undefined }).not.toEqual({ ...transition, evidence: undefined });
      }
    });
  });

  it('is the same when records were read in another order than they were measured in', () => {
    const rule = { ...hot, latenessMs: 20 * minute };
    const slow = sampleAt(8, 91, { heardAtMs: start + 25 * minute });
    const values = [sampleAt(0, 91), sampleAt(15, 91), slow, sampleAt(17, 91, { heardAtMs: start + 18 * minute })];
    const inputs = values.map((sample, offset) => read({ ...sample, place: { ...sample.place, offset } }, start));
    const { transitions } = live(rule, [...inputs, tick(47), tick(48), tick(49)]);
    expect(transitions).toMatchObject([{ kind: 'raised' }, { kind: 'no-data', atMs: start + 48 * minute }]);
    transitions.forEach((transition, index) => {
      expect(rebuild(rule, transitions.slice(0, index), transition)).toEqual(transition);
    });
  });

  it('finds a late finding again', () => {
    const late = live(
      hot,
      [100, 50, 55, 60].map((minutes) => read(sampleAt(minutes, minutes < 90 ? 95 : 70))),
    );
    const [finding] = late.transitions;
    expect(finding).toMatchObject({ kind: 'late-finding', startMs: start + 50 * minute });
    if (finding !== undefined) expect(rebuild(hot, [], finding)).toEqual(finding);
  });
});
