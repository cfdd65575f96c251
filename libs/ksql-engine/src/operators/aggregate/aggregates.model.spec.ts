import { describe, expect, it } from '@jest/globals';
import { MemoryKeyValueStore } from '../../state/memory/key-value-store.js';
import { MemorySessionStore } from '../../state/memory/session-store.js';
import { MemoryWindowStore } from '../../state/memory/window-store.js';
import { aggregationOf, countCall, sumCall } from '../../testing/aggregates.js';
import { batchOf, column, projecting, record, RecordingOutput } from '../../testing/records.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { Materialize } from '../source/materialize.js';
import { StreamTime } from '../stream-time.js';
import { SessionAggregate } from './session-aggregate.js';
import { TableAggregate } from './table-aggregate.js';
import { TableGroupBy } from './table-group-by.js';
import { TimeWindowAggregate } from './time-window-aggregate.js';

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);
const KEYS = ['a', 'b', 'c'];

interface Event {
  readonly key: string;
  readonly time: number;
}
function events(random: SeededRandom, count: number): Event[] {
  let now = 0;
  return Array.from({ length: count }, () => {
    now += random.below(6);
    return { key: random.pick(KEYS), time: random.next() < 0.3 ? Math.max(0, now - random.below(60)) : now };
  });
}

/** The newest row per key and window; deletions take it away. */
function windowsOf(out: RecordingOutput): Record<string, number> {
  const table = new Map<string, number>();
  for (const { key, value, windowStart, windowEnd } of out.records) {
    const id = `${String(key?.[0])}<${windowStart},${windowEnd}>`;
    if (value === null) table.delete(id);
    else table.set(id, Number(value[0]));
  }
  return Object.fromEntries([...table].sort());
}

const common = (out: RecordingOutput, graceMs: number) => ({
  aggregation: aggregationOf([], [countCall]),
  graceMs,
  needsOldValues: false,
  streamTime: new StreamTime(),
  keyBytes: (key: readonly unknown[]) => Buffer.from(String(key[0])),
  log: out.log,
  output: out.output,
});

describe('time windows, judged by all records in memory', () => {
  const counts = (input: readonly Event[], sizeMs: number, advanceMs: number, graceMs: number) => {
    const expected: Record<string, number> = {};
    let streamTime = 0;
    for (const { key, time } of input) {
      streamTime = Math.max(streamTime, time);
      for (let start = 0; start <= time; start += advanceMs) {
        const holdsIt = time < start + sizeMs;
        const isOpen = start + sizeMs + graceMs > streamTime;
        const id = `${key}<${start},${start + sizeMs}>`;
        if (holdsIt && isOpen) expected[id] = (expected[id] ?? 0) + 1;
      }
    }
    return Object.fromEntries(Object.entries(expected).sort());
  };

  it.each(SEEDS)('count what fell into each window while it was open (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const advanceMs = 1 + random.below(10);
    const sizeMs = advanceMs * (1 + random.below(3));
    const graceMs = random.below(30);
    const input = events(random, 150);
    for (const emitFinal of [false, true]) {
      const out = new RecordingOutput();
      const store = new MemoryWindowStore(1_000_000);
      const windows = new TimeWindowAggregate({ ...common(out, graceMs), sizeMs, advanceMs, emitFinal, store });
      windows.process(batchOf(input.map(({ key, time }) => record(key, [], time))));
      const all = counts(input, sizeMs, advanceMs, graceMs);
      if (emitFinal) {
        windows.process(batchOf([record('end', [], 100_000)]));
        expect(out.records).toHaveLength(Object.keys(all).length);
        const ends = out.records.map(({ windowEnd }) => windowEnd);
        expect(ends).toEqual(ends.toSorted((a, b) => a - b));
      }
      expect(windowsOf(out)).toEqual(all);
    }
  });
});

describe('sessions, judged by all records in memory', () => {
  /** The records of a key in order of time, cut where the pause is longer than the gap. */
  const cut = (input: readonly Event[], gapMs: number) => {
    const expected: Record<string, number> = {};
    for (const key of KEYS) {
      const times = input.filter((event) => event.key === key).map(({ time }) => time);
      times.sort((a, b) => a - b);
      let start = 0;
      for (let i = 0; i < times.length; i++) {
        if (i + 1 < times.length && times[i + 1]! - times[i]! <= gapMs) continue;
        expected[`${key}<${times[start]},${times[i]}>`] = i + 1 - start;
        start = i + 1;
      }
    }
    return Object.fromEntries(Object.entries(expected).sort());
  };

  it.each(SEEDS)('are the runs without a pause longer than the gap (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const gapMs = 1 + random.below(8);
    const input = events(random, 150);
    for (const emitFinal of [false, true]) {
      const out = new RecordingOutput();
      const store = new MemorySessionStore(1_000_000);
      const sessions = new SessionAggregate({ ...common(out, 10_000), gapMs, emitFinal, store });
      sessions.process(batchOf(input.map(({ key, time }) => record(key, [], time))));
      if (emitFinal) {
        sessions.process(batchOf([record('end', [], 100_000)]));
        expect(out.records).toHaveLength(Object.keys(cut(input, gapMs)).length);
      }
      expect(windowsOf(out)).toEqual(cut(input, gapMs));
    }
  });
});

describe('aggregation of a table, judged by the table in memory', () => {
  it.each(SEEDS)('each group holds count and sum of its present rows (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const out = new RecordingOutput();
    const aggregate = new TableAggregate({
      aggregation: aggregationOf([], [countCall, sumCall(1)]),
      store: new MemoryKeyValueStore(),
      needsOldValues: false,
      log: out.log,
      output: out.output,
    });
    const groupBy = new TableGroupBy({
      keys: projecting(column(0)),
      log: out.log,
      output: (batch) => aggregate.process(batch),
    });
    const materialize = new Materialize({
      store: new MemoryKeyValueStore(),
      output: (batch) => groupBy.process(batch),
    });
    const rows = new Map<string, readonly [string | null, number]>();
    for (let i = 0; i < 200; i++) {
      const key = random.pick(['1', '2', '3', '4', '5']);
      const row = [random.next() < 0.1 ? null : random.pick(KEYS), random.below(100)] as const;
      const isDeletion = random.next() < 0.25;
      if (isDeletion) rows.delete(key);
      else rows.set(key, row);
      materialize.process(batchOf([record(key, isDeletion ? null : row, i)], 2));
      const expected: Record<string, [number, number]> = {};
      for (const group of KEYS) expected[group] = [0, 0];
      for (const [group, value] of rows.values()) {
        if (group === null) continue;
        expected[group]![0] += 1;
        expected[group]![1] += value;
      }
      const actual: Record<string, unknown> = { a: [0, 0], b: [0, 0], c: [0, 0] };
      for (const change of out.records) actual[String(change.key?.[0])] = change.value;
      expect(actual).toEqual(expected);
    }
  });
});
