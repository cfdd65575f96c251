import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { crowding, StallLimit } from './crowding.js';

describe('a crowded machine', () => {
  it.each([
    [0, 1],
    [1.5, 1],
    [5, 2.5],
    [20, 10],
    [500, 10],
  ])('with load %d on two processors takes %d times as long', (load, times) => {
    expect(crowding(load, 2)).toBe(times);
  });
});

describe('a limit on the time without progress', () => {
  it('begins anew with each progress, and is over without', async () => {
    const limit = new StallLimit(60, () => 1);
    for (let i = 0; i < 4; i++) {
      await sleep(30);
      expect(limit.isOver).toBe(false);
      limit.progressed();
    }
    await sleep(80);
    expect(limit.isOver).toBe(true);
  });

  it('is stretched as the machine is when it is looked at', async () => {
    let times = 1000;
    const limit = new StallLimit(10, () => times);
    await sleep(30);
    expect(limit.isOver).toBe(false);
    times = 1;
    expect(limit.isOver).toBe(true);
  });
});
