import { describe, expect, it } from '@jest/globals';
import type { FetchedPartition } from '../ports/broker.js';
import { FetchedRecords } from '../ports/record-columns.js';
import { TimeOrderedInput } from './time-ordered-input.js';

const SOURCES = [
  { topic: 'stream', isTable: false },
  { topic: 'table', isTable: true },
];
const AT_START = [
  { topic: 'stream', partition: 0, offset: 0 },
  { topic: 'stream', partition: 1, offset: 0 },
  { topic: 'table', partition: 0, offset: 0 },
];

/** A fetch that brought records of these times, from `first` on, of a partition that ends at `end`. */
function part(
  topic: string,
  partition: number,
  first: number,
  times: readonly number[],
  end: number,
): FetchedPartition {
  const records = FetchedRecords.of(
    times.map((timestamp, i) => {
      return { partition, offset: first + i, timestamp, key: null, value: null, headers: [] };
    }),
  );
  return { topic, partition, records, bytes: 0, nextOffset: first + times.length, endOffset: end, highWatermark: end };
}

const taken = (input: TimeOrderedInput, latestMs?: number) =>
  [...input.take(latestMs)].flatMap(({ topic, records, from, to }) =>
    [...records].slice(from, to).map(({ partition, timestamp }) => `${topic}${partition}@${timestamp}`),
  );

describe('the input of a query', () => {
  it('comes in the order of time, tables first', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    input.add([part('stream', 0, 0, [1, 5], 2), part('stream', 1, 0, [2, 3], 2), part('table', 0, 0, [3, 9], 2)]);
    expect(taken(input)).toEqual(['stream0@1', 'stream1@2', 'table0@3', 'stream1@3', 'stream0@5', 'table0@9']);
  });

  it('lets a time beyond the latest hold nothing back: what is behind it keeps its place among the others', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    input.add([
      part('stream', 0, 0, [1, 900, 4, 901, 902, 6], 6),
      part('stream', 1, 0, [2, 3, 5, 7], 4),
      part('table', 0, 0, [], 0),
    ]);
    expect(taken(input, 100)).toEqual([
      'stream0@1',
      'stream0@900',
      'stream1@2',
      'stream1@3',
      'stream0@4',
      'stream0@901',
      'stream0@902',
      'stream1@5',
      'stream0@6',
      'stream1@7',
    ]);
  });

  it('waits for a partition that may still bring something older', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    input.add([part('stream', 0, 0, [1, 5], 2), part('stream', 1, 0, [], 0), part('table', 0, 0, [], 1)]);
    expect(taken(input)).toEqual([]);
    input.add([part('table', 0, 0, [4], 1)]);
    expect(taken(input)).toEqual(['stream0@1', 'table0@4', 'stream0@5']);
  });

  it('does not wait for what has ended, and counts only what was taken', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    input.add([part('stream', 0, 0, [1, 7], 9), part('stream', 1, 0, [2], 1), part('table', 0, 0, [], 0)]);
    expect(taken(input)).toEqual(['stream0@1', 'stream1@2', 'stream0@7']);
    input.add([part('stream', 1, 1, [8], 2)]);
    expect(taken(input)).toEqual([]);
    expect(input.positions).toEqual([
      { topic: 'table', partition: 0, offset: 0 },
      { topic: 'stream', partition: 0, offset: 2 },
      { topic: 'stream', partition: 1, offset: 1 },
    ]);
  });

  it('knows nothing of a partition before its first fetch', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    input.add([part('stream', 0, 0, [1], 1), part('stream', 1, 0, [], 0)]);
    expect(taken(input)).toEqual([]);
  });

  it('asks for no more of a partition that has much waiting', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    input.add([part('stream', 0, 0, new Array<number>(20_000).fill(1), 90_000)]);
    expect([input.wants('stream', 0), input.wants('table', 0)]).toEqual([false, true]);
  });

  it('takes what one fetch brought as ranges of it, and copies where partitions take turns', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    const first = part('stream', 0, 0, [1, 2, 5, 6], 4);
    input.add([first, part('stream', 1, 0, [], 0), part('table', 0, 0, [4], 1)]);
    const [older, table, newer] = input.take();
    expect([older?.records, older?.from, older?.to]).toEqual([first.records, 0, 2]);
    expect(older?.records).toBe(first.records);
    expect([table?.topic, newer?.from, newer?.to]).toEqual(['table', 2, 4]);
    expect(newer?.records).toBe(first.records);
    input.add([part('stream', 0, 4, [7, 9, 9], 7), part('stream', 1, 0, [8, 9], 2)]);
    const runs = [...input.take()];
    expect(runs.map(({ from, to }) => [from, to])).toEqual([[0, 5]]);
    expect(runs[0]?.records.offsets).toEqual([4, 0, 5, 6, 1]);
  });

  it('comes in runs that are worth a push each, and positions are behind what was handed out', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    const times = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);
    const first = part('stream', 0, 0, [...times(0, 4_500), ...times(5_000, 300), 5_400], 4_801);
    const second = part('stream', 1, 0, [...times(4_600, 300), 5_350], 301);
    input.add([first, second, part('table', 0, 0, [], 0)]);
    const runs: unknown[] = [];
    for (const { records, from, to } of input.take()) {
      const whose = [first, second].findIndex((one) => one.records === records);
      runs.push([whose, from, to, ...input.positions.slice(1).map(({ offset }) => offset)]);
    }
    expect(runs).toEqual([
      [0, 0, 2_000, 2_000, 0],
      [0, 2_000, 4_000, 4_000, 0],
      [0, 4_000, 4_500, 4_500, 0],
      // Long enough to stand alone, uncopied; the short ends of both are copied to one.
      [1, 0, 300, 4_500, 300],
      [0, 4_500, 4_800, 4_800, 300],
      [-1, 0, 2, 4_801, 301],
    ]);
  });

  it('goes on where it was left when a run was not taken', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    input.add([part('stream', 0, 0, [1, 3], 2), part('stream', 1, 0, [], 0), part('table', 0, 0, [2], 1)]);
    for (const { topic } of input.take()) {
      expect(topic).toBe('stream');
      break;
    }
    expect(input.positions.map(({ offset }) => offset)).toEqual([0, 1, 0]);
    expect(taken(input)).toEqual(['table0@2', 'stream0@3']);
  });

  it('asks for more of a partition until more than ten thousand records wait, and of no other', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    input.add([part('stream', 0, 0, new Array<number>(10_000).fill(1), 90_000)]);
    expect(input.wants('stream', 0)).toBe(true);
    input.add([part('stream', 0, 10_000, [1], 90_000)]);
    expect(input.wants('stream', 0)).toBe(false);
    expect([input.wants('stream', 2), input.wants('elsewhere', 0)]).toEqual([false, false]);
    input.add([part('stream', 1, 0, [], 0), part('table', 0, 0, [], 0)]);
    expect(taken(input)).toHaveLength(10_001);
    expect(input.wants('stream', 0)).toBe(true);
  });

  it('asks for no more of a partition that holds half of its share of the bytes, until some of them were taken', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES, 600);
    const ofBytes = (bytes: number, ...of: Parameters<typeof part>) => ({ ...part(...of), bytes });
    input.add([ofBytes(100, 'stream', 0, 0, [1, 2, 3, 4], 90)]);
    expect([input.wants('stream', 0), input.bytes]).toEqual([true, 100]);
    input.add([ofBytes(60, 'stream', 0, 4, [5, 6], 90), ofBytes(900, 'stream', 1, 0, [4], 90)]);
    expect([input.wants('stream', 0), input.wants('stream', 1), input.wants('table', 0)]).toEqual([false, false, true]);
    expect(input.bytes).toBe(1_060);
    input.add([part('table', 0, 0, [], 0)]);
    expect(taken(input)).toHaveLength(5);
    // Two of six records, and nothing: however large a record is, another is asked for once it was taken.
    expect([input.wants('stream', 0), input.wants('stream', 1)]).toEqual([true, true]);
    expect(Math.round(input.bytes)).toBe(53);
  });

  it('leaves alone what a fetch brings of a partition that is not its own', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    input.add([part('stream', 7, 0, [1], 1), part('elsewhere', 0, 0, [1], 1)]);
    input.add([part('stream', 0, 0, [2], 1), part('stream', 1, 0, [], 0), part('table', 0, 0, [], 0)]);
    expect(taken(input)).toEqual(['stream0@2']);
    expect(input.positions).toHaveLength(3);
  });

  it('has reached the end also where compaction left nothing there', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    const empty = { ...part('stream', 1, 0, [], 0), nextOffset: 9, endOffset: 8 };
    input.add([part('stream', 0, 0, [2], 1), empty, part('table', 0, 0, [], 0)]);
    expect(taken(input)).toEqual(['stream0@2']);
  });

  it('puts a further fetch behind what is left of the one before', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    input.add([part('stream', 0, 0, [1, 4, 6], 5), part('stream', 1, 0, [2], 2), part('table', 0, 0, [], 0)]);
    expect(taken(input)).toEqual(['stream0@1', 'stream1@2']);
    expect(input.positions.map(({ offset }) => offset)).toEqual([0, 1, 1]);
    input.add([part('stream', 0, 3, [7, 8], 5), part('stream', 1, 1, [5], 2)]);
    expect(taken(input)).toEqual(['stream0@4', 'stream1@5', 'stream0@6', 'stream0@7', 'stream0@8']);
    expect(input.positions.map(({ offset }) => offset)).toEqual([0, 5, 2]);
  });

  it('copies nothing of another topic into a run, and no record twice', () => {
    const input = new TimeOrderedInput(AT_START, SOURCES);
    input.add([part('stream', 0, 0, [1, 3, 6], 3), part('stream', 1, 0, [2, 5, 7], 3), part('table', 0, 0, [4], 1)]);
    const runs = [...input.take()].map(({ topic, records, from, to }) => {
      return [topic, from, to, ...[...records].slice(from, to).map(({ timestamp }) => timestamp)];
    });
    expect(runs).toEqual([
      ['stream', 0, 3, 1, 2, 3],
      ['table', 0, 1, 4],
      ['stream', 0, 3, 5, 6, 7],
    ]);
    expect([...input.take()]).toEqual([]);
  });

  describe('is what a naive merge takes, record by record,', () => {
    /** A small generator of numbers, the same for a seed each time. */
    const numbersOf = (seed: number) => {
      let state = seed;
      return (below: number): number => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
      };
    };
    const naive = (queues: readonly (readonly [string, readonly number[]])[], latestMs: number): readonly string[] => {
      const rest = queues.map(([name, times]) => ({ name, times: [...times] }));
      const found: string[] = [];
      for (;;) {
        const open = rest.filter(({ times }) => times.length > 0);
        if (open.length === 0) return found;
        const rank = ({ times }: { readonly times: readonly number[] }): number =>
          (times[0] ?? 0) > latestMs ? -Infinity : (times[0] ?? 0);
        const least = Math.min(...open.map(rank));
        const next = open.find((queue) => rank(queue) === least);
        if (next !== undefined) found.push(`${next.name}@${next.times.shift() ?? ''}`);
      }
    };

    it.each(Array.from({ length: 40 }, (_, seed) => [seed]))('seed %i', (seed) => {
      const next = numbersOf(seed);
      const timesOf = () => Array.from({ length: next(9) }, () => next(12));
      const [table, first, second] = [timesOf(), timesOf(), timesOf()];
      const latestMs = seed % 3 === 0 ? 8 : Infinity;
      const input = new TimeOrderedInput(AT_START, SOURCES);
      const found: string[] = [];
      const given = [0, 0, 0];
      const sources = [
        ['table', 0, table],
        ['stream', 0, first],
        ['stream', 1, second],
      ] as const;
      for (let step = 0; step < 200 && found.length < table.length + first.length + second.length; step++) {
        const which = next(3);
        const [topic, partition, times] = sources[which] ?? sources[0];
        const from = given[which] ?? 0;
        const to = Math.min(times.length, from + 1 + next(3));
        given[which] = to;
        input.add([part(topic, partition, from, times.slice(from, to), times.length)]);
        found.push(...taken(input, latestMs));
      }
      const wanted = naive(
        sources.map(([topic, partition, times]) => [`${topic}${partition}`, times]),
        latestMs,
      );
      expect(found).toEqual(wanted);
    });
  });
});
