import { describe, expect, it } from '@jest/globals';
import { inTurns } from './in-turns.js';

const busy = (ms: number): void => {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
};

describe('records that need nothing but the processor', () => {
  it('are handled in their order, and others get their turns in between', async () => {
    const items = Array.from({ length: 60 }, (_, n) => n);
    const handled: number[] = [];
    const turns: number[] = [];
    let isDone = false;
    const takeTurn = (): void => {
      turns.push(handled.length);
      if (!isDone) setImmediate(takeTurn);
    };
    setImmediate(takeTurn);
    await inTurns(items, async (n) => {
      busy(5);
      handled.push(n);
    });
    isDone = true;
    expect(handled).toEqual(items);
    expect(turns.filter((count) => count > 0 && count < items.length).length).toBeGreaterThanOrEqual(5);
  });

  it('end at the first that fails', async () => {
    const handled: number[] = [];
    const failing = inTurns([1, 2, 3], async (n) => {
      handled.push(n);
      if (n === 2) throw new Error('no 2');
    });
    await expect(failing).rejects.toThrow('no 2');
    expect(handled).toEqual([1, 2]);
  });
});
