import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { SharedRuns } from './shared-runs.js';

describe('work that many ask for', () => {
  it('runs once for all who ask while it runs, and after they asked', async () => {
    const ends: (() => void)[] = [];
    let begun = 0;
    const runs = new SharedRuns(async () => {
      const number = (begun += 1);
      await new Promise<void>((resolve) => void ends.push(resolve));
      return number;
    });
    const first = runs.run();
    await turn();
    const behind = Array.from({ length: 100 }, () => runs.run());
    await turn();
    expect(begun).toBe(1);
    ends.shift()?.();
    await turn();
    ends.shift()?.();
    expect([await first, ...(await Promise.all(behind))]).toEqual([1, ...behind.map(() => 2)]);
  });

  it('fails for those who shared a run that failed, and for nobody else', async () => {
    let isBroken = true;
    const runs = new SharedRuns(async () => {
      await turn();
      if (isBroken) throw new Error('broken');
      return 'whole';
    });
    const [first, second] = [runs.run(), runs.run()];
    await expect(first).rejects.toThrow('broken');
    await expect(second).rejects.toThrow('broken');
    isBroken = false;
    expect(await runs.run()).toBe('whole');
  });
});
