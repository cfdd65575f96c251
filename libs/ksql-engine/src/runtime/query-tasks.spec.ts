import { describe, expect, it } from '@jest/globals';
import type { FetchedPartition } from '../ports/broker.js';
import { FetchedRecords } from '../ports/record-columns.js';
import type { Topology } from '../topology/topology.js';
import { QueryTasks, type TaskRun } from './query-tasks.js';

const topology = (): Topology => ({
  sources: [],
  stores: [],
  resultStore: undefined,
  hasStreamTime: false,
  rowsOfRecordMax: () => 1,
  snapshot: () => '',
  restoreSnapshot: () => undefined,
});
const SOURCES = [
  { topic: 's', isTable: false },
  { topic: 't', isTable: true },
];
const places = (...partitions: readonly number[]) =>
  SOURCES.flatMap(({ topic }) => partitions.map((partition) => ({ topic, partition, offset: 0 })));
const fetched = (topic: string, partition: number, timestamps: readonly number[], end?: number): FetchedPartition => {
  const records = FetchedRecords.of(
    timestamps.map((timestamp, offset) => ({ key: null, value: null, headers: [], timestamp, partition, offset })),
  );
  const nextOffset = timestamps.length;
  return { topic, partition, records, bytes: 0, nextOffset, endOffset: end ?? nextOffset, highWatermark: nextOffset };
};
const shown = ({ task, run: { topic, records, from, to } }: TaskRun): string =>
  `${task.partition} ${topic} ${records.parts.timestamps.slice(from, to).join()}`;
const taken = (tasks: QueryTasks): readonly string[] => Array.from(tasks.take(Infinity), shown);

describe('the tasks of a query', () => {
  it('each take their partition of every source, in the order of its times, and wait for no other task', () => {
    const tasks = new QueryTasks([topology(), topology()], places(0, 1), SOURCES);
    // Table t has more in partition 1 that did not come yet.
    tasks.add([fetched('s', 0, [5, 6]), fetched('t', 0, [6]), fetched('s', 1, [1, 9]), fetched('t', 1, [2], 2)]);
    expect(taken(tasks)).toEqual(['1 s 1', '1 t 2', '0 s 5', '0 t 6', '0 s 6']);
    expect(tasks.positions).toEqual([
      { topic: 't', partition: 0, offset: 1 },
      { topic: 's', partition: 0, offset: 2 },
      { topic: 't', partition: 1, offset: 1 },
      { topic: 's', partition: 1, offset: 1 },
    ]);
  });

  it('take a run at a time, and positions are behind what was handed out', () => {
    const tasks = new QueryTasks([topology(), topology()], places(0, 1), SOURCES);
    tasks.add([
      fetched('s', 0, [10, 20]),
      fetched('t', 0, [15]),
      fetched('s', 1, [900, 11, 21]),
      fetched('t', 1, [16]),
    ]);
    const found: string[] = [];
    for (const next of tasks.take(100))
      found.push(`${shown(next)} -> ${tasks.positions.map(({ offset }) => offset).join()}`);
    expect(found).toEqual([
      // Beyond the latest that is taken: it goes first, with what follows in its partition.
      '1 s 900,11 -> 0,0,0,2',
      '0 s 10 -> 0,1,0,2',
      '0 t 15 -> 1,1,0,2',
      '1 t 16 -> 1,1,1,2',
      '0 s 20 -> 1,2,1,2',
      '1 s 21 -> 1,2,1,3',
    ]);
  });

  it('are one over all partitions, or know nothing of a partition that came later', () => {
    const [one, two] = [1, 2].map(
      (count) => new QueryTasks(Array.from({ length: count }, topology), places(0, 1), SOURCES),
    );
    expect(one?.all.map(({ input }) => input.positions.length)).toEqual([4]);
    expect([one?.wants('s', 1), two?.wants('s', 1), two?.wants('s', 2)]).toEqual([true, true, false]);
    two?.add([fetched('s', 2, [1])]);
    expect(two?.positions.map(({ partition }) => partition)).toEqual([0, 0, 1, 1]);
  });
});
