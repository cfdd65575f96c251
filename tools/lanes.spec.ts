import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

const { inLanes, lanesFor, lineWriter, ownJob } = (await import(new URL('lanes.mjs', import.meta.url).href)) as {
  inLanes: <T>(
    jobs: readonly (readonly [string, () => Promise<T>])[],
    lanes: number,
  ) => Promise<PromiseSettledResult<T>[]>;
  lanesFor: (bytes: number) => number;
  lineWriter: (write: (text: string) => void, name?: string) => { write(text: string): void; end(): void };
  ownJob: () => string | undefined;
};

describe('jobs in lanes', () => {
  it('run so many at once, in their order, and know whose work they do', async () => {
    let atOnce = 0;
    let most = 0;
    const began: string[] = [];
    const jobs = ['a', 'b', 'c', 'd'].map(
      (name) =>
        [
          name,
          async () => {
            began.push(name);
            most = Math.max(most, (atOnce += 1));
            await sleep(20);
            atOnce -= 1;
            return `${name} is ${ownJob()}`;
          },
        ] as const,
    );
    const results = await inLanes(jobs, 2);
    expect([began, most]).toEqual([['a', 'b', 'c', 'd'], 2]);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : ''))).toEqual([
      'a is a',
      'b is b',
      'c is c',
      'd is d',
    ]);
  });

  it('go on when one throws', async () => {
    const failing = [
      ['bad', () => Promise.reject(new Error('bad'))],
      ['good', async () => 'good'],
    ] as const;
    const results = await inLanes<string>(failing, 1);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('are one after the other where memory is short', () => {
    expect([lanesFor(4e9), lanesFor(16e9)]).toEqual([1, 2]);
  });

  it('write whole lines with their name, the last one too', () => {
    let said = '';
    const writer = lineWriter((text) => (said += text), 'stacks');
    for (const piece of ['one\ntw', 'o\n', 'three']) writer.write(piece);
    writer.end();
    expect(said).toBe('[stacks] one\n[stacks] two\n[stacks] three\n');
  });
});
