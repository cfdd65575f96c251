import { expect, it } from '@jest/globals';
import type { EngineObject } from './engine-view.js';
import { madeTopics } from './made-topics.js';

const errors = [
  {
    atMs: 7,
    type: 'SYSTEM',
    message: 'state was lost: its topic x was deleted; it was made again, and the state begins empty',
    loss: 'state',
  },
  { atMs: 7, type: 'SYSTEM', message: '9 records of x-1 were deleted before they were read', loss: 'records' },
  { atMs: 6, type: 'USER', message: 'a value cannot be read' },
];
const object = (name: string, topic: string, sources?: readonly string[]): [string, EngineObject] => [
  name,
  { name, kind: 'STREAM', topic, query: sources && { sources, errors }, otherWriters: [], statement: '' } as never,
];

it('names the topics that queries write, with the queries that read each', () => {
  const made = madeTopics(
    new Map([
      object('SOURCE', 'source'),
      object('CHECKED', 'checked', ['SOURCE']),
      object('AGAIN', 'checked'),
      object('LATE', 'late', ['AGAIN']),
      object('EARLY', 'early', ['CHECKED']),
    ]),
  );
  expect(made.map(({ name }) => name)).toEqual(['checked', 'late', 'early']);
  expect(made[0]?.consequence).toMatch(/^LATE, EARLY read it and go on with what is left; /);
  expect(made[1]?.consequence).toMatch(/^whoever reads it/);
  expect(made[1]?.whenDeleted).toMatch(/^its query goes on with what comes .* redeploy LATE computes all of it/);
  expect(made[2]?.told).toEqual([
    { atMs: 7, words: expect.stringMatching(/^query EARLY: state was lost: .*redeploy EARLY computes it anew/) },
    {
      atMs: 7,
      words: expect.stringMatching(/^query EARLY: 9 records of x-1 were deleted .*; its result stays without/),
    },
  ]);
});
