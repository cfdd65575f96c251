import { describe, expect, it } from '@jest/globals';
import { CommittedOffsets } from './committed-offsets.js';
import { offsetSums } from './offset-sums.js';

const group = { id: 'CSAS_A_1', groupId: 'query_CSAS_A_1', topics: ['in', 'gone'] };

type Ends = readonly { readonly low: number; readonly high: number }[];

const boundsOf = (ends: Ends) =>
  new Map([
    ['in', new Map(ends.map(({ low, high }, partition) => [partition, { low: BigInt(low), high: BigInt(high) }]))],
  ]);

/** What the group has committed in `in` by partition, and in a topic that is gone. */
const committedIn = (offsets: readonly string[]) => [
  { topic: 'in', partitions: offsets.map((offset, partition) => ({ partition, offset })) },
  { topic: 'gone', partitions: [{ partition: 0, offset: '7' }] },
];

describe('how far a query is', () => {
  it.each([
    ['all read', [{ low: 0, high: 10 }], ['10'], { input: 10, committed: 10, lag: 0 }],
    [
      'several partitions',
      [
        { low: 0, high: 10 },
        { low: 5, high: 20 },
      ],
      ['4', '18'],
      { input: 30, committed: 22, lag: 8 },
    ],
    ['nothing committed yet', [{ low: 3, high: 10 }], ['-1'], { input: 10, committed: 3, lag: 7 }],
    ['retention went past it', [{ low: 8, high: 10 }], ['2'], { input: 10, committed: 8, lag: 2 }],
    ['the topic was made anew', [{ low: 0, high: 4 }], ['100'], { input: 4, committed: 0, lag: 4 }],
  ])('%s', async (_what, ends, committed, sums) => {
    const offsets = new CommittedOffsets(async () => committedIn(committed));
    const seen = boundsOf(ends);
    expect((await offsetSums(offsets, seen, [group], async () => seen)).get(group.id)).toMatchObject(sums);
  });

  it('is not from before the commit where the ends were seen before it', async () => {
    const [old, fresh] = [boundsOf([{ low: 0, high: 100 }]), boundsOf([{ low: 0, high: 130 }])];
    let looks = 0;
    const lookAgain = async () => {
      looks += 1;
      return fresh;
    };
    const sumsAt = async (offset: string) => {
      const offsets = new CommittedOffsets(async () => committedIn([offset]));
      return (await offsetSums(offsets, old, [group], lookAgain)).get(group.id);
    };
    expect(await sumsAt('120')).toMatchObject({ input: 130, committed: 120, lag: 10 });
    expect(looks).toBe(1);
    expect(await sumsAt('90')).toMatchObject({ input: 100, committed: 90, lag: 10 });
    expect(looks).toBe(1);
  });
});

describe('what a group has committed', () => {
  it('is asked for while it is behind, and not again after it has read all until an input grows', async () => {
    const committed = ['3'];
    let asked = 0;
    const offsets = new CommittedOffsets(async () => {
      asked += 1;
      return committedIn(committed);
    });
    const lagAt = async (high: number): Promise<number | undefined> =>
      (await offsetSums(offsets, boundsOf([{ low: 0, high }]), [group], async () => new Map())).get(group.id)?.lag;
    expect([await lagAt(5), await lagAt(5), asked]).toEqual([2, 2, 2]);
    committed[0] = '5';
    expect([await lagAt(5), await lagAt(5), await lagAt(5), asked]).toEqual([0, 0, 0, 3]);
    expect([await lagAt(6), asked]).toEqual([1, 4]);
    committed[0] = '6';
    expect([await lagAt(6), await lagAt(6), asked]).toEqual([0, 0, 5]);
  });
});
