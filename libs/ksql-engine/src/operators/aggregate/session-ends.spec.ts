import { describe, expect, it } from '@jest/globals';
import { SessionEnds } from './session-ends.js';

const ending = (windowEnd: number) => ({ key: 'k', keyRow: ['k'], windowStart: 0, windowEnd });
const endsOf = (...times: readonly number[]): SessionEnds => {
  const ends = new SessionEnds();
  for (const time of times) ends.add(ending(time));
  return ends;
};
const takenBefore = (ends: SessionEnds, limitMs: number): readonly number[] => {
  const found: number[] = [];
  for (let end = ends.takeBefore(limitMs); end !== undefined; end = ends.takeBefore(limitMs)) found.push(end.windowEnd);
  return found;
};

describe('the ends of sessions', () => {
  it('come smallest first, whatever the order they were added in', () => {
    let state = 7;
    for (let size = 0; size < 40; size++) {
      const times = Array.from({ length: size }, () => (state = (state * 48_271) % 2_147_483_647) % 50);
      expect(takenBefore(endsOf(...times), Infinity)).toEqual([...times].sort((a, b) => a - b));
    }
  });

  it('are taken below a limit, which itself stays', () => {
    const ends = endsOf(30, 10, 20);
    expect(takenBefore(ends, 20)).toEqual([10]);
    expect(takenBefore(ends, 21)).toEqual([20]);
    ends.add(ending(5));
    expect(takenBefore(ends, 100)).toEqual([5, 30]);
    expect(ends.takeBefore(Infinity)).toBeUndefined();
  });
});
