import { describe, expect, it } from '@jest/globals';
import { setImmediate as immediate } from 'node:timers/promises';
import { nextTurn, SliceSize } from './turns.js';

describe('a turn of the event loop', () => {
  it('is for one of those who wait, in their order, and others of the process come between', async () => {
    const events: string[] = [];
    const work = async (name: string): Promise<void> => {
      for (let i = 0; i < 2; i++) {
        await nextTurn();
        events.push(name);
      }
    };
    let isDone = false;
    const loop = async (): Promise<void> => {
      while (!isDone) {
        await immediate();
        events.push('loop');
      }
    };
    const watched = loop();
    await Promise.all([work('a'), work('b'), work('c')]);
    isDone = true;
    await watched;
    expect(events.filter((event) => event !== 'loop')).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    // Never two in one turn.
    expect(events.join(' ')).not.toMatch(/[abc] [abc]/);
  });
});

describe('how many records are pushed at once', () => {
  const after = (...slices: readonly (readonly [records: number, elapsedMs: number])[]): number => {
    const size = new SliceSize(false);
    for (const [records, elapsedMs] of slices) size.took(records, elapsedMs);
    return size.value;
  };

  it('grows while they are cheap, and has an end', () => {
    expect(after()).toBe(1);
    expect(after([1, 0.01])).toBe(2);
    expect(after(...Array.from({ length: 20 }, () => [16, 0] as const))).toBe(2_000);
  });

  it('stays small where one record may take a thousand times what another took', () => {
    const size = new SliceSize(true);
    for (let n = 0; n < 20; n++) size.took(size.value, 0);
    expect(size.value).toBe(16);
  });

  it('is what fits into a turn once they are dear, down to one', () => {
    const grown = [1, 2, 4, 8].map((records) => [records, 0] as const);
    expect(after(...grown)).toBe(16);
    expect(after(...grown, [16, 16])).toBe(8);
    expect(after(...grown, [16, 1_600])).toBe(1);
    expect(after(...grown, [16, 1_600], [1, 100])).toBe(1);
    expect(after(...grown, [16, 1_600], [1, 0.01])).toBe(2);
  });
});
