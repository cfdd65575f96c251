import { describe, expect, it } from '@jest/globals';
import { offsetSums } from './offset-sums.js';

const group = { id: 'CSAS_A_1', groupId: 'query_CSAS_A_1', topics: ['in', 'gone'] };

/** A broker that has the topic `in` with these partitions, and these offsets committed for them. */
const broker = (ends: readonly { low: string; high: string }[], committed: readonly string[]) => ({
  fetchTopicOffsets: async () => ends.map(({ low, high }, partition) => ({ partition, low, high, offset: high })),
  fetchOffsets: async () => [
    { topic: 'in', partitions: committed.map((offset, partition) => ({ partition, offset, metadata: null })) },
    { topic: 'gone', partitions: [{ partition: 0, offset: '7', metadata: null }] },
  ],
});

describe('how far a query is', () => {
  it.each([
    ['all read', [{ low: '0', high: '10' }], ['10'], { input: 10, committed: 10, lag: 0 }],
    [
      'several partitions',
      [
        { low: '0', high: '10' },
        { low: '5', high: '20' },
      ],
      ['4', '18'],
      { input: 30, committed: 22, lag: 8 },
    ],
    ['nothing committed yet', [{ low: '3', high: '10' }], ['-1'], { input: 10, committed: 3, lag: 7 }],
    ['retention went past it', [{ low: '8', high: '10' }], ['2'], { input: 10, committed: 8, lag: 2 }],
    ['the topic was made anew', [{ low: '0', high: '4' }], ['100'], { input: 4, committed: 0, lag: 4 }],
  ])('%s', async (_what, ends, committed, sums) => {
    expect((await offsetSums(broker(ends, committed), new Set(['in']), [group])).get(group.id)).toMatchObject(sums);
  });
});
