import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { crowding, StallLimit, stretchedMs } from './crowding.js';

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

  it('stretches a time limit to one that timers take, whatever its load is', () => {
    for (let hundredths = 0; hundredths < 4000; hundredths++)
      expect(Number.isInteger(stretchedMs(60_000, 10, crowding(hundredths / 100, 2)))).toBe(true);
    expect(() => AbortSignal.timeout(stretchedMs(60_000, 10, crowding(16.33, 2)))).not.toThrow();
    expect(stretchedMs(60_000, 4, 2.5)).toBe(150_000);
    expect(stretchedMs(60_000, 4, 9)).toBe(240_000);
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
