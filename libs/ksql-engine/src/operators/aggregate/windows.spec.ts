import { describe, expect, it } from '@jest/globals';
import { MemorySessionStore } from '../../state/memory/session-store.js';
import { MemoryWindowStore } from '../../state/memory/window-store.js';
import { aggregationOf, countCall } from '../../testing/aggregates.js';
import { feed, record, RecordingOutput } from '../../testing/records.js';
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
