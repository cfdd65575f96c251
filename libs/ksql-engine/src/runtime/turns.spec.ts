import { describe, expect, it } from '@jest/globals';
import { setImmediate as immediate } from 'node:timers/promises';
import { nextTurn } from './turns.js';

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
