import { describe, expect, it } from '@jest/globals';
import { MemoryJoinBuffer } from '../../state/memory/join-buffer.js';
import { MemoryKeyValueStore } from '../../state/memory/key-value-store.js';
import { MemoryPendingOuterRows } from '../../state/memory/pending-outer-rows.js';
import { batchOf, column, record, RecordingOutput, type TestRecord } from '../../testing/records.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { StreamTime } from '../stream-time.js';
import { ForeignKeyJoin } from './foreign-key/foreign-key-join.js';
import { RowJoiner } from './joined-row.js';
import { StreamStreamJoin } from './stream-stream-join.js';
import { TableTableJoin, type TableJoinType } from './table-table-join.js';

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);
const KEYS = ['a', 'b', 'c'];
const TYPES: readonly TableJoinType[] = ['INNER', 'LEFT', 'RIGHT', 'FULL'];
const joiner = new RowJoiner(1, 1);

interface Event {
  readonly isLeft: boolean;
  readonly key: string;
  readonly value: string;
  readonly time: number;
}

/** Mostly forward in time, sometimes far back. */
function events(random: SeededRandom, count: number): Event[] {
  let now = 1000;
  return Array.from({ length: count }, (_, i) => {
    now += random.below(8);
    const time = random.next() < 0.2 ? Math.max(0, now - random.below(80)) : now;
    return { isLeft: random.next() < 0.5, key: random.pick(KEYS), value: `v${i}`, time };
  });
}

describe('stream-stream joins, judged by all records in memory', () => {
  const [beforeMs, afterMs] = [10, 5];
  const isPartner = (left: Event, right: Event) =>
    left.key === right.key && left.time - beforeMs <= right.time && right.time <= left.time + afterMs;

  const run = (type: TableJoinType, graceMs: number, input: readonly Event[]): string[] => {
    const out = new RecordingOutput();
    const retentionMs = 1_000_000;
    const operator = new StreamStreamJoin({
      type,
      beforeMs,
      afterMs,
      graceMs,
      leftCount: 1,
      rightCount: 1,
      left: new MemoryJoinBuffer(retentionMs),
      right: new MemoryJoinBuffer(retentionMs),
      pending: type === 'INNER' ? undefined : new MemoryPendingOuterRows(),
      keyCount: 1,
      streamTime: new StreamTime(),
      keyBytes: ([key]) => Buffer.from(String(key)),
      log: out.log,
      output: out.output,
    });
    for (const { isLeft, key, value, time } of input)
      operator.process(batchOf([record(key, [value], time)]), isLeft ? 0 : 1);
    return out.take();
  };
  const pairText = (left: Event | null, right: Event | null) => {
    const time = Math.max(left?.time ?? -1, right?.time ?? -1);
    return `${(left ?? right)?.key ?? ''} ${JSON.stringify([left?.value ?? null, right?.value ?? null])} @${time}`;
  };

  it.each(SEEDS)('inner: every pair in the window once, when its later half arrives (seed %i)', (seed) => {
    const input = events(new SeededRandom(seed), 120);
    const expected = input.flatMap((event, i) => {
      const partners = input.slice(0, i).filter((other) => {
        if (other.isLeft === event.isLeft) return false;
        return event.isLeft ? isPartner(event, other) : isPartner(other, event);
      });
      const inOrder = partners.toSorted((a, b) => a.time - b.time);
      return inOrder.map((other) => (event.isLeft ? pairText(event, other) : pairText(other, event)));
    });
    expect(run('INNER', 30, input)).toEqual(expected);
  });

  it.each(SEEDS)('outer: pairs as in an inner join, and each lonely record of a kept side once (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const input = events(random, 120);
    const type = random.pick(['LEFT', 'RIGHT', 'FULL'] as const);
    // The last record moves stream time past every window, so that nothing is held back at the end.
    const closing: Event = { isLeft: type !== 'RIGHT', key: 'end', value: 'end', time: 100_000 };
    const result = run(type, 30, [...input, closing]);
    const pairs = run('INNER', 30, input);
    const lonely = result.filter((text) => text.includes('null'));
    expect(result.filter((text) => !text.includes('null'))).toEqual(pairs);
    const kept = input.filter(({ isLeft }) => type === 'FULL' || (type === 'LEFT') === isLeft);
    const neverPaired = kept.filter(
      (event) =>
        !input.some(
          (other) =>
            other.isLeft !== event.isLeft && (event.isLeft ? isPartner(event, other) : isPartner(other, event)),
        ),
    );
    for (const event of neverPaired) {
      expect(lonely).toContain(event.isLeft ? pairText(event, null) : pairText(null, event));
    }
    expect(new Set(lonely).size).toBe(lonely.length);
    // Who was emitted alone and still found a partner was late, or its partner came after its window had closed.
    let streamTime = -1;
    const closedOnArrival = new Set<string>();
    input.forEach((event) => {
      streamTime = Math.max(streamTime, event.time);
      const windowMs = event.isLeft ? afterMs : beforeMs;
      if (event.time + windowMs < streamTime)
        closedOnArrival.add(event.isLeft ? pairText(event, null) : pairText(null, event));
    });
    const lonelyTexts = new Set(
      neverPaired.map((event) => (event.isLeft ? pairText(event, null) : pairText(null, event))),
    );
    const lateness = input.map((event, i) => Math.max(...input.slice(0, i + 1).map(({ time }) => time)) - event.time);
    const someoneWasLate = lateness.some((ms) => ms > 30);
    for (const text of lonely) {
      expect(lonelyTexts.has(text) || closedOnArrival.has(text) || someoneWasLate).toBe(true);
    }
  });
});

describe('table joins, judged by both tables in memory', () => {
  /** What a reader of the result topic holds in the end. */
  const tableOf = (changes: readonly TestRecord[]) => {
    const table = new Map<string, string>();
    for (const { key, value } of changes) {
      if (value === null) table.delete(String(key?.[0]));
      else table.set(String(key?.[0]), JSON.stringify(value));
    }
    return Object.fromEntries([...table].sort());
  };

  it.each(SEEDS)('primary key: after each change the result is the join of both tables (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const type = random.pick(TYPES);
    const out = new RecordingOutput();
    const join = new TableTableJoin({
      type,
      joiner,
      left: new MemoryKeyValueStore(),
      right: new MemoryKeyValueStore(),
      needsOldValues: true,
      output: out.output,
    });
    const sides = [new Map<string, string>(), new Map<string, string>()] as const;
    let before: Record<string, string> = {};
    for (let i = 0; i < 120; i++) {
      const input = random.below(2) as 0 | 1;
      const key = random.pick(KEYS);
      const value = random.next() < 0.3 ? null : `v${i}`;
      if (value === null) sides[input].delete(key);
      else sides[input].set(key, value);
      const from = out.records.length;
      join.process(batchOf([record(key, value === null ? null : [value], i)]), input);
      const expected: Record<string, string> = {};
      for (const each of KEYS) {
        const [left, right] = [sides[0].get(each), sides[1].get(each)];
        const isThere =
          type === 'INNER' ? left && right : type === 'LEFT' ? left : type === 'RIGHT' ? right : (left ?? right);
        if (isThere) expected[each] = JSON.stringify([left ?? null, right ?? null]);
      }
      expect(tableOf(out.records)).toEqual(expected);
      for (const change of out.records.slice(from)) {
        expect(change.oldValue === null ? undefined : JSON.stringify(change.oldValue)).toBe(before[key]);
      }
      before = expected;
    }
  });

  it.each(SEEDS)('foreign key: after each change the result is the join of both tables (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const type = random.pick(['INNER', 'LEFT'] as const);
    const out = new RecordingOutput();
    const join = new ForeignKeyJoin({
      type,
      joiner,
      foreignKey: column(0),
      left: new MemoryKeyValueStore(),
      right: new MemoryKeyValueStore(),
      keyCount: 1,
      needsOldValues: true,
      keyBytes: ([key]) => Buffer.from(String(key)),
      output: out.output,
    });
    const people = new Map<string, string | null>();
    const cities = new Map<string, string>();
    for (let i = 0; i < 120; i++) {
      const isDeletion = random.next() < 0.25;
      if (random.next() < 0.5) {
        const person = random.pick(['p', 'q', 'r', 's']);
        const city = random.next() < 0.1 ? null : random.pick(KEYS);
        if (isDeletion) people.delete(person);
        else people.set(person, city);
        join.process(batchOf([record(person, isDeletion ? null : [city], i)]), 0);
      } else {
        const city = random.pick(KEYS);
        if (isDeletion) cities.delete(city);
        else cities.set(city, `w${i}`);
        join.process(batchOf([record(city, isDeletion ? null : [`w${i}`], i)]), 1);
      }
      const expected: Record<string, string> = {};
      for (const person of [...people.keys()].sort()) {
        const city = people.get(person) ?? null;
        const weather = city === null ? undefined : cities.get(city);
        if (type === 'LEFT' || weather !== undefined) expected[person] = JSON.stringify([city, weather ?? null]);
      }
      expect(tableOf(out.records)).toEqual(expected);
    }
  });
});
