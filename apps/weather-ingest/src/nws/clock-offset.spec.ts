import { describe, expect, it } from '@jest/globals';
import { ClockOffset } from './clock-offset.js';

const nowMs = Date.UTC(2026, 7, 16, 12);
const dated = (aheadSeconds: number, age?: number): Headers =>
  new Headers({
    Date: new Date(nowMs + aheadSeconds * 1_000).toUTCString(),
    ...(age === undefined ? {} : { Age: String(age) }),
  });

describe('the clock of this machine', () => {
  it('is compared with the dates of several answers, whatever one of them says', () => {
    const clock = new ClockOffset();
    expect(clock.offsetMs).toBeUndefined();
    for (const headers of [dated(7_200), dated(7_201), dated(-86_400), new Headers({ Date: 'soon' })])
      clock.note(headers, nowMs);
    expect(clock.offsetMs).toBe(-7_200_000);
    expect(clock.trouble).toBe("the clock of this machine is 7200 s behind the weather service's; set it right");
  });

  it('agrees with an answer that lay in a cache on the way', () => {
    const clock = new ClockOffset();
    for (const age of [600, 600, 600]) clock.note(dated(-age, age), nowMs);
    expect([clock.offsetMs, clock.trouble]).toEqual([0, undefined]);
  });
});
