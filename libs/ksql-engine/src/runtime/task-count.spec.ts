import { describe, expect, it } from '@jest/globals';
import { BrokerUnavailableError } from '../ports/broker.js';
import { countTasks, PartitionsChangedError } from './task-count.js';

const topics = (partitions: Readonly<Record<string, number>>) =>
  new Map(Object.entries(partitions).map(([topic, count]) => [topic, { partitions: count }]));

describe('how many tasks a query has', () => {
  it.each([
    ['one for each partition of its source', ['x'], true, ['s'], { s: 4 }, 4],
    ['of its sources, when all have equally many', ['x'], true, ['s', 't'], { s: 4, t: 4 }, 4],
    ['one when they have not', ['x'], true, ['s', 't'], { s: 4, t: 2 }, 1],
    ['one when keys do not stay in their partition', ['x'], false, ['s'], { s: 4 }, 1],
    ['one when what it keeps has no changelog', [], true, ['s'], { s: 4 }, 1],
    ['as many as its changelogs have partitions', ['x', 'y'], true, ['s'], { s: 4, x: 4, y: 4 }, 4],
    ['also when one of them was deleted', ['x', 'y'], true, ['s'], { s: 4, x: 4 }, 4],
  ] as const)('%s', (_, changelogs, splits, sources, there, tasks) => {
    expect(countTasks(changelogs, splits, sources, topics(there))).toEqual({ tasks, isFromBefore: false });
  });

  it('is that of the partitions where it keeps nothing, whatever moves keys later', () => {
    expect(countTasks([], true, ['s'], topics({ s: 4 }), true)).toEqual({ tasks: 4, isFromBefore: false });
    expect(countTasks([], true, ['s'], topics({ s: 6 }), true)).toEqual({ tasks: 6, isFromBefore: false });
  });

  it('stays one when one wrote the state, also after its source got partitions', () => {
    expect(countTasks(['x'], true, ['s'], topics({ s: 4, x: 1 }))).toEqual({ tasks: 1, isFromBefore: true });
    expect(countTasks(['x'], true, ['s'], topics({ s: 1, x: 1 }))).toEqual({ tasks: 1, isFromBefore: false });
    expect(countTasks(['x'], false, ['s'], topics({ s: 4, x: 1 }))).toEqual({ tasks: 1, isFromBefore: false });
  });

  it.each([
    ['more partitions', true, { s: 5, x: 4 }],
    ['fewer', true, { s: 3, x: 4 }],
    ['one', true, { s: 1, x: 4 }],
    ['no reason for as many tasks', false, { s: 4, x: 4 }],
    ['changelogs that somebody changed', true, { s: 4, x: 4, y: 2 }],
  ] as const)('is no number when the state of several tasks meets %s', (_, splits, there) => {
    expect(() => countTasks(['x', 'y'], splits, ['s'], topics(there))).toThrow(PartitionsChangedError);
  });

  it.each([
    ['before there is state', { s: 4 }],
    ['when one task wrote it', { s: 4, x: 1 }],
    ['when several did', { s: 4, x: 4 }],
  ] as const)('is no number while a source is not there, %s', (_, there) => {
    expect(() => countTasks(['x'], true, ['s', 't'], topics(there))).toThrow(BrokerUnavailableError);
  });
});
