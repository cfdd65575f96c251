import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly isCutShort?: boolean;
}
const { onceMore } = (await import(new URL('once-more.mjs', import.meta.url).href)) as {
  onceMore: (name: string, first: Counts, runAgain: () => Promise<Counts>, tries: string[]) => Promise<Counts>;
};
const counts = (passed: number, failed: number): Counts => ({ passed, failed, skipped: 1 });

describe('a stage that may be tried once more', () => {
  let tries: string[];
  let said: string;
  let again: number;
  beforeEach(() => {
    tries = [];
    said = '';
    again = 0;
    jest.spyOn(console, 'log').mockImplementation((text: string) => void (said += `${text}\n`));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  const run = (first: Counts, second: Counts): Promise<Counts> =>
    onceMore(
      'stacks',
      first,
      async () => {
        again += 1;
        return second;
      },
      tries,
    );

  it('is not when nothing failed', async () => {
    expect(await run(counts(9, 0), counts(0, 0))).toEqual(counts(9, 0));
    expect([again, tries, said]).toEqual([0, [], '']);
  });

  it('passes the second time and is said to be unsteady, aloud and in the list at the end', async () => {
    expect(await run(counts(7, 2), counts(2, 0))).toEqual(counts(9, 0));
    expect(tries).toEqual(['UNSTEADY: stacks: 2 failed at first, 0 the second time']);
    expect(said).toContain(tries[0]);
  });

  it('has failed when it fails twice, and that is in the list too', async () => {
    expect(await run(counts(7, 2), counts(1, 1))).toEqual(counts(8, 1));
    expect(await run(counts(7, 1), counts(0, 3))).toEqual(counts(7, 3));
    expect(tries.map((tried) => tried.split(':')[0])).toEqual(['FAILED AGAIN', 'FAILED AGAIN']);
  });

  it('has failed when the second try ran nothing', async () => {
    expect(await run(counts(7, 2), counts(0, 0))).toEqual(counts(7, 2));
    expect(tries).toEqual(['FAILED AGAIN: stacks: 2 failed at first, 2 the second time']);
  });

  it('has failed when it was cut short: nobody knows what else would have failed', async () => {
    const cut = { ...counts(0, 1), isCutShort: true };
    expect(await run(cut, counts(5, 0))).toEqual(cut);
    expect(again).toBe(0);
  });
});
