import { expect, it } from '@jest/globals';
import type { TopicDescription } from '../ports/broker.js';
import type { Checkpoints } from './checkpoints.js';
import type { QueryErrors } from './query-errors.js';
import { StartPositions } from './start-positions.js';

/** The start positions of a query over `t`, at the latest offset, that has committed nothing. */
function uncommitted() {
  let end = 10;
  const said: string[] = [];
  const positions = new StartPositions(
    {
      applicationId: 'app',
      madeBy: 1,
      broker: { bounds: async () => [{ partition: 0, start: 0, end }], committedOffsets: async () => [] },
      checkpoints: {} as Checkpoints,
      sources: [{ topic: 't', isTable: false }],
      offsetReset: 'latest',
    },
    { say: (message: string) => said.push(message) } as unknown as QueryErrors,
    () => undefined,
  );
  /** Where a start begins that finds the topic with an id and an end. */
  const start = async (id: string, endNow: number): Promise<number | undefined> => {
    end = endNow;
    const described: TopicDescription = { id, partitions: 1, replicas: 1 };
    positions.compare({}, new Map([['t', described]]));
    return (await positions.after([]))[0]?.offset;
  };
  return { positions, start, said };
}

it('another topic is read from its first record, although nothing of the one before was committed', async () => {
  const { start, said } = uncommitted();
  expect([await start('a', 10), await start('a', 15), await start('b', 20), await start('b', 25)]).toEqual([
    10, 10, 0, 0,
  ]);
  expect(said).toEqual(['t was deleted and made again; the query goes on from its first record']);
});

it.each([
  ['the same', 'a', 10],
  ['another', 'b', 0],
])('a topic that was missed and is %s is read on accordingly', async (_what, id, offset) => {
  const { positions, start } = uncommitted();
  await start('a', 10);
  positions.missed('t');
  positions.compare({}, new Map());
  expect(await start(id, 20)).toBe(offset);
});

it('a partition that came later and has lost its first records before it was seen is told of', async () => {
  const said: string[] = [];
  const bounds = [{ partition: 0, start: 4, end: 10 }];
  const lost: number[] = [];
  const positions = new StartPositions(
    {
      applicationId: 'app',
      madeBy: 1,
      broker: { bounds: async () => bounds, committedOffsets: async () => [] },
      checkpoints: {} as Checkpoints,
      sources: [{ topic: 't', isTable: false }],
      offsetReset: 'earliest',
    },
    { sayLost: (_what: string, message: string) => said.push(message) } as unknown as QueryErrors,
    (records) => lost.push(records),
  );
  // What was deleted before the query began is no loss of it.
  expect(await positions.after([])).toMatchObject([{ offset: 4 }]);
  bounds.push({ partition: 1, start: 3, end: 8 });
  expect(await positions.after([])).toMatchObject([{ offset: 4 }, { offset: 3 }]);
  expect({ lost, said }).toEqual({
    lost: [3],
    said: [expect.stringContaining('3 records of t-1 were deleted before they were read')],
  });
});
