import { describe, expect, it } from '@jest/globals';
import { ReadProgress, type PartitionLook } from './read-progress.js';

const partition = (endOffset: number, takenOffset: number, changes: Partial<PartitionLook> = {}): PartitionLook => ({
  ...{ name: 'reading-signals/0', endOffset: BigInt(endOffset), takenOffset: BigInt(takenOffset), generation: '1' },
  ...changes,
});
const lookMs = 2_500;

/** What each look finds, one every 2.5 s. */
const follow = (looks: readonly (readonly PartitionLook[])[], hindered: readonly number[] = []): boolean[] => {
  const progress = new ReadProgress();
  return looks.map((seen, index) => {
    const nowMs = 1_000_000 + index * lookMs;
    progress.look(nowMs, seen, hindered.includes(index));
    return progress.isCaughtUp(nowMs);
  });
};
const times = <Value>(count: number, value: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => value(index));

describe('how far signals are taken', () => {
  it('is known of a partition that is written to all the time, as long as its reader keeps up', () => {
    // Each look finds ten more; what was there at the look before is taken, what came since is not.
    expect(follow(times(12, (look) => [partition(10 * look + 10, 10 * look)]))).toEqual([
      false,
      ...times(11, () => true),
    ]);
  });

  it('is not known while the reader falls behind', () => {
    expect(follow(times(40, (look) => [partition(100 + 10 * look, look)])).some((isCaughtUp) => isCaughtUp)).toBe(
      false,
    );
  });

  it('is not taken for all because a member that died moves nothing', () => {
    // 50 records wait; after 15 s the group gives the partition to another member.
    const waiting = times(7, () => [partition(100, 50)]);
    const given = times(2, () => [partition(100, 50, { generation: '2' })]);
    expect(follow([...waiting, ...given, [partition(100, 100, { generation: '2' })]])).toEqual([
      ...times(9, () => false),
      true,
    ]);
  });

  it('is all where marks of transactions alone are left', () => {
    const found = follow(times(12, () => [partition(100, 99)]));
    expect(found.slice(0, 10)).toEqual(times(10, () => false));
    expect(found.slice(10)).toEqual([true, true]);
  });

  it('is known when it is so of each partition', () => {
    const other = { name: 'observation-signals/0' };
    expect(follow([[partition(10, 10), partition(5, 0, other)]])).toEqual([false]);
    expect(follow([[partition(10, 10), partition(0, 0, other)]])).toEqual([true]);
    expect(follow([[partition(10, 10), partition(5, 5, other)]])).toEqual([true]);
    expect(follow([[]])).toEqual([false]);
  });

  it('begins anew after trouble and after a time in which nobody looked', () => {
    expect(
      follow(
        times(4, () => [partition(10, 10)]),
        [2],
      ),
    ).toEqual([true, true, false, true]);
    const progress = new ReadProgress();
    progress.look(0, [partition(100, 99)], false);
    progress.look(60_000, [partition(100, 99)], false);
    expect(progress.isCaughtUp(60_000)).toBe(false);
  });
});
