import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { PartWatch } from './part-watch.js';

const limits = { lookMs: 60, freshMs: 10, patienceMs: 15, pauseMs: 10 };

/** Asks until the finding is as wanted, so that a slow machine only takes longer. */
async function found(watch: PartWatch, wanted: string | undefined): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if ((await watch.finding()).trouble === wanted) return;
    await delay(5);
  }
  throw new Error(`last seen: ${(await watch.finding()).trouble}`);
}

describe('PartWatch', () => {
  it('shows a change in either direction', async () => {
    let trouble: string | undefined;
    const watch = new PartWatch(
      {
        name: 'shop',
        check: () => {
          if (trouble !== undefined) throw new Error(trouble);
        },
      },
      limits,
    );
    await found(watch, undefined);
    trouble = 'closed';
    await found(watch, 'closed');
    trouble = undefined;
    await found(watch, undefined);
    watch.stop();
  });

  it('ends a look that hangs, tells it so, and comes back when the part does', async () => {
    let hangs = true;
    let ended = 0;
    const watch = new PartWatch(
      {
        name: 'shop',
        check: (signal) => {
          if (!hangs) return;
          signal.addEventListener('abort', () => (ended += 1));
          return new Promise(() => undefined);
        },
      },
      limits,
    );
    await found(watch, 'no answer yet after 15 ms');
    await found(watch, 'no answer within 60 ms');
    expect(ended).toBeGreaterThan(0);
    hangs = false;
    await found(watch, undefined);
    watch.stop();
  });

  it('looks once per finding, whoever asks', async () => {
    let looks = 0;
    const watch = new PartWatch(
      { name: 'shop', check: () => void (looks += 1) },
      { ...limits, freshMs: 60_000, pauseMs: 60_000 },
    );
    await Promise.all(Array.from({ length: 100 }, () => watch.finding()));
    await watch.finding();
    expect(looks).toBe(1);
    watch.stop();
  });

  it('goes on looking when nobody asks, so that the answer in place of one that hangs is young', async () => {
    let looks = 0;
    const watch = new PartWatch(
      { name: 'shop', check: () => ((looks += 1) < 3 ? undefined : new Promise(() => undefined)) },
      { ...limits, lookMs: 200 },
    );
    await watch.finding();
    await delay(1_000);
    expect(looks).toBeGreaterThan(2);
    expect(await watch.finding()).toEqual({ trouble: 'no answer within 200 ms' });
    watch.stop();
  });
});
