import { describe, expect, it } from '@jest/globals';
import { StreamsError } from '../../errors/sql-error.js';
import { MemorySessionStore } from '../../state/memory/session-store.js';
import { MemoryWindowStore } from '../../state/memory/window-store.js';
import { aggregationOf, countCall } from '../../testing/aggregates.js';
import { batchOf, feed, record, RecordingOutput } from '../../testing/records.js';
import { StreamTime } from '../stream-time.js';
import { SessionAggregate } from './session-aggregate.js';
import { TimeWindowAggregate } from './time-window-aggregate.js';

const common = (out: RecordingOutput) => ({
  aggregation: aggregationOf([], [countCall]),
  needsOldValues: false,
  streamTime: new StreamTime(),
  keyBytes: (key: readonly unknown[]) => Buffer.from(String(key[0])),
  log: out.log,
  output: out.output,
});

function windows(
  sizeMs: number,
  advanceMs: number,
  graceMs: number,
  emitFinal = false,
  retentionMs = sizeMs + graceMs,
) {
  const out = new RecordingOutput();
  const store = new MemoryWindowStore(retentionMs);
  return { out, windows: new TimeWindowAggregate({ ...common(out), sizeMs, advanceMs, graceMs, emitFinal, store }) };
}
function sessions(gapMs: number, graceMs: number, emitFinal = false) {
  const out = new RecordingOutput();
  const store = new MemorySessionStore(1000);
  return { out, sessions: new SessionAggregate({ ...common(out), gapMs, graceMs, emitFinal, store }) };
}
const at = (key: string, time: number) => record(key, [], time);

describe('time windows', () => {
  it('count a record once per window that holds it', () => {
    const tumbling = windows(10, 10, 100);
    expect(feed(tumbling.windows, tumbling.out, [at('a', 5), at('a', 9), at('a', 10)])).toEqual([
      ['a<0,10> [1] @5'],
      ['a<0,10> [2] @9'],
      ['a<10,20> [1] @10'],
    ]);
    const hopping = windows(10, 5, 100);
    expect(feed(hopping.windows, hopping.out, [at('a', 3), at('a', 7)])).toEqual([
      ['a<0,10> [1] @3'],
      ['a<0,10> [2] @7', 'a<5,15> [1] @7'],
    ]);
  });

  it('take late records until end + grace, each window for itself', () => {
    const { windows: hopping, out } = windows(10, 5, 5);
    feed(hopping, out, [at('a', 16)]);
    expect(feed(hopping, out, [at('b', 7)])).toEqual([['b<5,15> [1] @7']]);
    expect(out.skipped).toHaveLength(1);
    expect(feed(hopping, out, [at('b', 2)])).toEqual([[]]);
    expect(out.skipped).toHaveLength(2);
  });

  it('keep the greatest time of a window', () => {
    const { windows: tumbling, out } = windows(10, 10, 100);
    expect(feed(tumbling, out, [at('a', 9), at('a', 1)])).toEqual([['a<0,10> [1] @9'], ['a<0,10> [2] @9']]);
  });

  it('emit once, when closed, by window and key, with EMIT FINAL', () => {
    const { windows: tumbling, out } = windows(10, 10, 5, true, 1000);
    expect(
      feed(tumbling, out, [at('b', 1), at('a', 2), at('b', 3), at('a', 12), at('c', 14), at('c', 15), at('c', 100)]),
    ).toEqual([[], [], [], [], [], ['a<0,10> [1] @2', 'b<0,10> [2] @3'], ['a<10,20> [1] @12', 'c<10,20> [2] @15']]);
  });
});

describe('time windows whose store has forgotten them', () => {
  it('are never emitted: a record far ahead pushes them out before they are final', () => {
    const { windows: tumbling, out } = windows(10, 10, 5, true);
    expect(feed(tumbling, out, [at('a', 1), at('a', 1000)])).toEqual([[], []]);
  });
});

describe('sessions', () => {
  it('grow and join; what was joined is deleted first', () => {
    const { sessions: aggregate, out } = sessions(10, 100);
    expect(feed(aggregate, out, [at('a', 0), at('a', 20), at('a', 10), at('a', 15)])).toEqual([
      ['a<0,0> [1] @0'],
      ['a<20,20> [1] @20'],
      ['a<0,0> gone @0', 'a<20,20> gone @20', 'a<0,20> [3] @20'],
      ['a<0,20> gone @20', 'a<0,20> [4] @20'],
    ]);
  });

  it('are overwritten by a record of the same moment', () => {
    const { sessions: aggregate, out } = sessions(10, 100);
    expect(feed(aggregate, out, [at('a', 5), at('a', 5)])).toEqual([['a<5,5> [1] @5'], ['a<5,5> [2] @5']]);
  });

  it('refuse a record whose session has closed', () => {
    const { sessions: aggregate, out } = sessions(10, 5);
    expect(feed(aggregate, out, [at('a', 100), at('b', 85), at('c', 84)])).toEqual([
      ['a<100,100> [1] @100'],
      ['b<85,85> [1] @85'],
      [],
    ]);
    expect(out.skipped).toHaveLength(1);
  });

  it('emit once, when closed, with EMIT FINAL', () => {
    const { sessions: aggregate, out } = sessions(10, 0, true);
    expect(feed(aggregate, out, [at('a', 0), at('a', 5), at('b', 2), at('a', 14), at('c', 30)])).toEqual([
      [],
      [],
      [],
      ['b<2,2> [1] @2'],
      ['a<0,14> [3] @14'],
    ]);
  });
});

/** COUNT that cannot take a third record, or fails as it is told. */
const failing = (error: Error) =>
  aggregationOf(
    [],
    [
      {
        args: [],
        aggregate: {
          ...countCall.aggregate,
          add: (state) => {
            if (Number(state) === 2) throw error;
            return Number(state) + 1;
          },
        },
      },
    ],
  );

describe.each([
  [
    'time windows',
    (options: ReturnType<typeof common>, emitFinal: boolean) =>
      new TimeWindowAggregate({
        ...options,
        sizeMs: 10,
        advanceMs: 10,
        graceMs: 5,
        emitFinal,
        store: new MemoryWindowStore(1000),
      }),
  ],
  [
    'sessions',
    (options: ReturnType<typeof common>, emitFinal: boolean) =>
      new SessionAggregate({ ...options, gapMs: 10, graceMs: 5, emitFinal, store: new MemorySessionStore(1000) }),
  ],
] as const)('%s', (_name, create) => {
  it('take no notice of a record without key or value, nor of its time', () => {
    const out = new RecordingOutput();
    const operator = create(common(out), false);
    const noKey = record(null, [], 1000);
    const noValue = record('a', null, 1000);
    expect(feed(operator, out, [noKey, noValue, at('a', 1)]).slice(0, 2)).toEqual([[], []]);
    expect(feed(operator, out, [at('a', 1)])).toEqual([[expect.stringContaining('[2] @1')]]);
    expect(out.skipped).toEqual([]);
  });

  it('leave out a record that the aggregate cannot take, and say so', () => {
    const out = new RecordingOutput();
    const operator = create({ ...common(out), aggregation: failing(new Error('no third')) }, false);
    expect(feed(operator, out, [at('a', 1), at('a', 1), at('a', 1), at('b', 1)]).map((rows) => rows.length)).toEqual([
      1, 1, 0, 1,
    ]);
    expect(out.skipped).toEqual([expect.stringContaining('Failed to aggregate: no third')]);
  });

  it('stop at a failure that stops the query', () => {
    const out = new RecordingOutput();
    const operator = create({ ...common(out), aggregation: failing(new StreamsError('over')) }, false);
    expect(() => feed(operator, out, [at('a', 1), at('a', 1), at('a', 1)])).toThrow('over');
  });

  it('take a batch as they take its records one by one', () => {
    const out = new RecordingOutput();
    create(common(out), false).process(batchOf([at('a', 1), at('b', 1), at('a', 1)]));
    expect(out.take().map((row) => row.replace(/<.*>/, ''))).toEqual(['a [1] @1', 'b [1] @1', 'a [2] @1']);
  });

  it('emit no update with EMIT FINAL, and windows that close together by their end, then by key', () => {
    const out = new RecordingOutput();
    const operator = create(common(out), true);
    const early = [at('d', 9), at('c', 3), at('a', 3), at('b', 3)];
    expect(feed(operator, out, early).flat()).toEqual([]);
    expect(feed(operator, out, [at('e', 14)]).flat()).toEqual([]);
    const rows = feed(operator, out, [at('z', 100)]).flat();
    expect(rows.map((row) => row.slice(0, 1))).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('bear the row of before, once there is one, for who needs it', () => {
    const out = new RecordingOutput();
    const operator = create({ ...common(out), needsOldValues: true }, false);
    for (const one of [at('a', 5), at('a', 5)]) operator.process(batchOf([one]));
    expect(out.records.map(({ value, oldValue }) => [value, oldValue])).toEqual([
      [[1], null],
      [[2], [1]],
    ]);
  });
});

describe('sessions that join', () => {
  it('delete what they take with the row it had', () => {
    const out = new RecordingOutput();
    const operator = new SessionAggregate({
      ...common(out),
      needsOldValues: true,
      gapMs: 10,
      graceMs: 100,
      emitFinal: false,
      store: new MemorySessionStore(1000),
    });
    for (const time of [0, 20, 10]) operator.process(batchOf([at('a', time)]));
    expect(out.records.slice(2).map(({ value, oldValue }) => [value, oldValue])).toEqual([
      [null, [1]],
      [null, [1]],
      [[3], null],
    ]);
  });
});

describe('after a restart', () => {
  it('windows that EMIT FINAL has emitted are not emitted again, the others once', () => {
    const out = new RecordingOutput();
    const store = new MemoryWindowStore(1000);
    for (const windowStart of [0, 10, 20])
      store.put({
        key: 'a',
        keyRow: ['a'],
        windowStart,
        windowEnd: windowStart + 10,
        value: [1],
        timestamp: windowStart,
      });
    const options = common(out);
    // 10 + 5 ms are over: [0,10) was emitted, [10,20) was not.
    options.streamTime.restore(24);
    const operator = new TimeWindowAggregate({
      ...options,
      sizeMs: 10,
      advanceMs: 10,
      graceMs: 5,
      emitFinal: true,
      store,
    });
    expect(feed(operator, out, [at('b', 24), at('b', 25), at('b', 34), at('b', 36)])).toEqual([
      [],
      ['a<10,20> [1] @10'],
      [],
      ['a<20,30> [1] @20', 'b<20,30> [2] @25'],
    ]);
  });

  it('rows go on from what the store had under the key', () => {
    const entry = { key: 'a', keyRow: ['a'], windowStart: 20, windowEnd: 30, value: [5], timestamp: 20 };
    const [windowed, inSessions] = [new MemoryWindowStore(1000), new MemorySessionStore(1000)];
    for (const store of [windowed, inSessions]) store.put(entry);
    const out = new RecordingOutput();
    const options = { ...common(out), graceMs: 5, emitFinal: false };
    const tumbling = new TimeWindowAggregate({ ...options, sizeMs: 10, advanceMs: 10, store: windowed });
    expect(feed(tumbling, out, [at('a', 25)])).toEqual([['a<20,30> [6] @25']]);
    const aggregate = new SessionAggregate({ ...options, gapMs: 10, store: inSessions });
    expect(feed(aggregate, out, [at('a', 25)])).toEqual([['a<20,30> gone @30', 'a<20,30> [6] @30']]);
  });

  it('sessions that stream time has not closed are still emitted with EMIT FINAL', () => {
    const out = new RecordingOutput();
    const store = new MemorySessionStore(1000);
    for (const [key, end] of [
      ['closed', 4],
      ['edge', 5],
      ['open', 6],
    ] as const)
      store.put({ key, keyRow: [key], windowStart: end, windowEnd: end, value: [1], timestamp: end });
    const options = common(out);
    options.streamTime.restore(20);
    const operator = new SessionAggregate({ ...options, gapMs: 10, graceMs: 5, emitFinal: true, store });
    expect(feed(operator, out, [at('new', 20), at('new', 40)])).toEqual([
      [],
      ['edge<5,5> [1] @5', 'open<6,6> [1] @6', 'new<20,20> [1] @20'],
    ]);
  });
});

describe('without EMIT FINAL', () => {
  it('the end of a window is no news', () => {
    const { sessions: aggregate, out } = sessions(10, 0);
    expect(feed(aggregate, out, [at('a', 0), at('b', 100)])).toEqual([['a<0,0> [1] @0'], ['b<100,100> [1] @100']]);
    const { windows: tumbling, out: windowOut } = windows(10, 10, 0);
    expect(feed(tumbling, windowOut, [at('a', 0), at('b', 100)])).toEqual([
      ['a<0,10> [1] @0'],
      ['b<100,110> [1] @100'],
    ]);
  });
});
