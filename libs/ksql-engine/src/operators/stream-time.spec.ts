import { describe, expect, it } from '@jest/globals';
import { StreamTime } from './stream-time.js';

describe('stream time', () => {
  it('is before every record at first, then the greatest seen, and never goes back', () => {
    const time = new StreamTime();
    expect(time.ms).toBe(-1);
    const seen = [0, 7, 3, 7, 8].map((ms) => {
      time.advance(ms);
      return time.ms;
    });
    expect(seen).toEqual([0, 7, 7, 7, 8]);
  });

  it('goes on where it was after a restart', () => {
    const time = new StreamTime();
    time.restore(50);
    time.advance(49);
    expect(time.ms).toBe(50);
  });
});
