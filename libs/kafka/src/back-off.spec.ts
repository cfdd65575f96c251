import { beforeEach, describe, expect, it, jest } from '@jest/globals';

const pausesMs: number[] = [];
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: (ms: number, _value: undefined, { signal }: { signal: AbortSignal }): Promise<void> => {
    pausesMs.push(ms);
    return signal.aborted ? Promise.reject(new Error('aborted')) : Promise.resolve();
  },
}));
const { BackOff } = await import('./back-off.js');

const failed = (times: number): InstanceType<typeof BackOff> => {
  const backOff = new BackOff();
  for (let n = 0; n < times; n += 1) backOff.failed();
  return backOff;
};

describe('pauses between attempts', () => {
  const { signal } = new AbortController();
  beforeEach(() => {
    pausesMs.length = 0;
  });

  it('double with each failure, up to five seconds', async () => {
    for (const times of [0, 1, 2, 3, 5, 6, 1_000]) await failed(times).pause(signal);
    expect(pausesMs).toEqual([200, 200, 400, 800, 3_200, 5_000, 5_000]);
  });

  it('begin anew after a success', async () => {
    const backOff = failed(7);
    backOff.succeeded();
    backOff.failed();
    expect(backOff.isWorthALine).toBe(true);
    await backOff.pause(signal);
    expect(pausesMs).toEqual([200]);
  });

  it('are worth a line at the first failure and at every tenth', () => {
    const worth = Array.from({ length: 21 }, (_, n) => n + 1).filter((n) => failed(n).isWorthALine);
    expect(worth).toEqual([1, 10, 20]);
  });

  it('end without an error when they are cut short', async () => {
    await expect(failed(1).pause(AbortSignal.abort())).resolves.toBeUndefined();
  });
});
