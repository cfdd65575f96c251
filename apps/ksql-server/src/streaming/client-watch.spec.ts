import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { withinTime } from './client-watch.js';

describe('rows that may be looked for a limited time', () => {
  async function* batches(pausesMs: readonly number[]): AsyncGenerator<number> {
    for (const pauseMs of pausesMs) {
      await delay(pauseMs);
      yield pauseMs;
    }
  }
  const late = (): Error => new Error('late');

  it('come when they are found in time, however long the reader takes', async () => {
    const found: number[] = [];
    for await (const batch of withinTime(batches([0, 1, 2]), 500, late)) {
      found.push(batch);
      await delay(300);
    }
    expect(found).toEqual([0, 1, 2]);
  });

  it('end with an error when one batch takes too long, or all together', async () => {
    const take = async (pausesMs: readonly number[]): Promise<void> => {
      for await (const _ of withinTime(batches(pausesMs), 300, late));
    };
    await expect(take([0, 60_000])).rejects.toThrow('late');
    await expect(take(Array.from({ length: 100 }, () => 50))).rejects.toThrow('late');
  });

  it('pass on what fails by itself', async () => {
    const failing: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('a fault')) }),
    };
    await expect(withinTime(failing, 1_000, late).next()).rejects.toThrow('a fault');
  });
});
