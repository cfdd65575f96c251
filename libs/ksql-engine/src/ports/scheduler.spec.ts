import { describe, expect, it } from '@jest/globals';
import { sleep, type Scheduler } from './scheduler.js';

/** Calls back when told to, and counts what was taken back. */
function byHand(): { scheduler: Scheduler; due: () => void; takenBack: () => number } {
  let action: (() => void) | undefined;
  let takenBack = 0;
  return {
    scheduler: {
      after: (_ms, wanted) => {
        action = wanted;
        return () => {
          takenBack += 1;
        };
      },
    },
    due: () => action?.(),
    takenBack: () => takenBack,
  };
}

describe('sleep', () => {
  it('ends when its time has come, and leaves no listener behind', async () => {
    const { scheduler, due, takenBack } = byHand();
    const callOff = new AbortController();
    const asleep = sleep(scheduler, 10, callOff.signal);
    due();
    await asleep;
    callOff.abort();
    expect(takenBack()).toBe(0);
  });

  it('ends at once when it is called off, and takes its timer back', async () => {
    const { scheduler, takenBack } = byHand();
    const callOff = new AbortController();
    const asleep = sleep(scheduler, 3_600_000, callOff.signal);
    callOff.abort();
    await asleep;
    expect(takenBack()).toBe(1);
  });

  it('does not begin after it was called off', async () => {
    const { scheduler, takenBack } = byHand();
    await sleep(scheduler, 3_600_000, AbortSignal.abort());
    expect(takenBack()).toBe(0);
  });
});
