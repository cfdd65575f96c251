import { describe, expect, it } from '@jest/globals';
import type { TopicBounds } from './topic-bounds.js';
import { TopicPast } from './topic-past.js';

const weekMs = 7 * 24 * 3_600_000;

/** A partition with a record per given age, of which those below `low` were deleted. */
function topic(
  agesMs: readonly number[],
  low = 0,
): { bounds: TopicBounds; from: (timeMs: number) => Promise<Map<number, bigint>> } {
  const nowMs = Date.now();
  const first = (timeMs: number): number =>
    agesMs.findIndex((ageMs, offset) => offset >= low && nowMs - ageMs >= timeMs);
  return {
    bounds: new Map([[0, { low: BigInt(low), high: BigInt(agesMs.length) }]]),
    from: async (timeMs) => new Map([[0, BigInt(first(timeMs) < 0 ? agesMs.length : first(timeMs))]]),
  };
}

describe('the past of a topic', () => {
  const looks = async (retentionMs: number, ...topics: ReturnType<typeof topic>[]) => {
    const past = new TopicPast();
    const seen: unknown[] = [];
    for (const { bounds, from } of topics) seen.push(await past.look('t', bounds, retentionMs, from));
    return seen;
  };

  it.each<[string, number, ReturnType<typeof topic>[], unknown]>([
    [
      'young records that are gone are a loss',
      weekMs,
      [topic([0, 0, 0]), topic([0, 0, 0], 2)],
      [{ what: 'cut', records: 2 }],
    ],
    ['told once', weekMs, [topic([0, 0]), topic([0, 0], 2), topic([0, 0], 2)], []],
    [
      'records as old as the retention go by themselves',
      weekMs,
      [topic([2 * weekMs, 0]), topic([2 * weekMs, 0], 1)],
      [],
    ],
    [
      'also when they were written with a time that was long past',
      weekMs,
      [topic([0]), topic([0, 60 * weekMs]), topic([0, 60 * weekMs, 0]), topic([0, 60 * weekMs, 0], 1)],
      [{ what: 'cut', records: 1 }],
    ],
    ['and alone in their partition', weekMs, [topic([]), topic([60 * weekMs]), topic([60 * weekMs], 1)], []],
    [
      'a topic without retention loses nothing by itself',
      Infinity,
      [topic([weekMs]), topic([weekMs], 1)],
      [{ what: 'cut', records: 1 }],
    ],
    [
      'an end that went back is another topic',
      weekMs,
      [topic([0, 0, 0]), topic([0])],
      [{ what: 'replaced', records: 3 }],
    ],
  ])('%s', async (_what, retentionMs, topics, last) => {
    expect((await looks(retentionMs, ...topics)).at(-1)).toEqual(last);
  });

  it('says nothing of a look long ago, and nothing of a topic that was forgotten', async () => {
    expect(await looks(0, topic([0]), topic([0], 1))).toEqual([[], []]);
    const past = new TopicPast();
    const { bounds, from } = topic([0, 0]);
    await past.look('t', bounds, weekMs, from);
    past.forget('t');
    expect(await past.look('t', topic([0, 0], 2).bounds, weekMs, from)).toEqual([]);
  });
});
