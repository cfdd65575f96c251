import { describe, expect, it } from '@jest/globals';
import { Refusals, type Refusal } from './refusals.js';

const odd = (detail: string): Refusal => ({ what: 'warning', reason: 'odd event', place: 'miami-fl', detail });

describe('what was not taken', () => {
  it('counts once however often the same answer is read again, and by reason', () => {
    let nowMs = 1;
    const counted: number[] = [];
    const refusals = new Refusals(
      ({ count }) => counted.push(count),
      () => nowMs,
    );
    for (const detail of ['a', 'a', 'b', 'a']) {
      refusals.note(odd(detail));
      nowMs += 1;
    }
    refusals.note({ ...odd('a'), reason: 'odd sent' });
    expect(refusals.all().map(({ reason, count, lastAtMs }) => [reason, count, lastAtMs])).toEqual([
      ['odd event', 2, 4],
      ['odd sent', 1, 5],
    ]);
    expect(counted).toEqual([1, 2, 1]);
  });

  it('does not grow without end', () => {
    const refusals = new Refusals();
    for (let index = 0; index < 3_000; index += 1) refusals.note(odd(String(index)));
    refusals.note(odd('2999'));
    refusals.note(odd('0'));
    expect(refusals.all().map(({ count }) => count)).toEqual([3_001]);
  });
});
